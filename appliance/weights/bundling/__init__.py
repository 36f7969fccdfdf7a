"""Bundles: models, their terms and maybe the program itself in one folder, to be carried on a stick."""
