"""The `carrel` command: generated from the table of actions, with one file for each thing it does itself."""
