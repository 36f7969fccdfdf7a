"""The files of models: where they lie, and whether they are what the recipe says."""
