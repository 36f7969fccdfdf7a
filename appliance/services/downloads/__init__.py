"""The files of models: brought to this box, and taken off it again."""
