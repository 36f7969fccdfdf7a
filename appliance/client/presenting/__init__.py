"""Results as a person reads them: tables by hand for what is looked at often, fields by name for the rest.

All data become ``rich.text.Text``, never markup: a key's label or a model's answer can hold ``[/foo]``.
"""
