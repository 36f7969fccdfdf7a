"""``model verify``: whether a model's files are what its recipe says, and what its forms cost in
faithfulness.
"""
