"""Where the recipes lie. Owns the one difference between a checkout and an installed wheel."""

from pathlib import Path

import appliance

_PACKAGE = Path(appliance.__file__).resolve().parent


def recipes_folder(package: Path = _PACKAGE) -> Path:
    """The folder of recipe TOMLs, each beside a folder of the files that are bundled with it.

    ``package`` is the folder of the import package: a wheel carries the recipes inside it, a checkout
    beside it.
    """
    installed = package / "_recipes"
    return installed if installed.is_dir() else package.parent / "recipes"
