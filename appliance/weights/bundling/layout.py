"""Where things lie on a bundle, and the page that tells a person what to do with it. Reads no file."""

from collections.abc import Iterator
from typing import Final

from appliance.domain.bundle import BundleOrder
from appliance.domain.recipe import Recipe
from appliance.weights.bundling.writing import Slice

README: Final = "README.txt"
LAUNCHER: Final = "install.sh"
MARK: Final = "This folder is a Carrel bundle."
"""The first line of its README: by it an unfinished bundle is known for one."""

SCRIPT: Final = """#!/usr/bin/env bash
# Installs Carrel and the models of this bundle: bash install.sh --model ID
exec bash "$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/program/packaging/install.sh" \\
  --bundle "$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)" "$@"
"""


def slices(size_bytes: int, piece_bytes: int) -> Iterator[Slice]:
    """How a file of that size is cut: one slice where it fits into a piece."""
    for start in range(0, max(size_bytes, 1), piece_bytes):
        yield Slice(start, min(piece_bytes, size_bytes - start))


def readme(order: BundleOrder, signer: str) -> str:
    """For whoever finds the stick."""
    models = "\n".join(_line(order, one.recipe.id) for one in order.models)
    command = _command(order.models[0].recipe, signer)
    how = _WITH_PROGRAM.format(command=command) if order.program else _WITHOUT_PROGRAM
    return f"""{MARK}

For: {order.recipient}
Made by Carrel {order.version}. Signed with the key {signer}
(ask whoever gave it to you for their key, and compare).

{models}

{how}
Licenses are in the folder licenses; a model whose license has to be accepted is refused until somebody does.
Look at the bundle first, wherever Carrel is installed:
    carrel bundle inspect --full THIS-FOLDER
"""


def _command(first: Recipe, signer: str) -> str:
    """What has to be said with the first model for it to be taken."""
    words = ["bash install.sh --model", first.id]
    if first.approval.by != "release":
        words.append(f"--trust-key {signer}")
    if first.terms.acceptance != "none":
        words.append(
            f'--accept-license {first.terms.text_sha256} --accept-as "NAME, ROLE" --purpose "WHAT FOR"'
        )
    return " \\\n      ".join([" ".join(words[:2]), *words[2:]])


_WITH_PROGRAM: Final = """One command, run in this folder, installs a Linux machine without
network, compiler or package manager:
    {command}

Where Carrel is installed already:
    carrel bundle install THIS-FOLDER
"""
_WITHOUT_PROGRAM: Final = """On a box with Carrel:
    carrel bundle install THIS-FOLDER
"""


def _line(order: BundleOrder, recipe_id: str) -> str:
    model = next(one for one in order.models if one.recipe.id == recipe_id)
    forms = ", ".join(form.name for form in model.forms)
    return f"  {recipe_id} ({forms}): {model.recipe.title}, license {model.recipe.terms.expression}"
