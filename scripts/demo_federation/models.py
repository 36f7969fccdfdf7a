"""The models of the show: the demo model under other names, since this is about rights and not about size."""

import shutil
from pathlib import Path

from scripts.demo_federation.parties import ROOT, Box

LEASED = "leased-tiny"
OWN = "tiny-y"
LENT = "handbook-tiny"
_DEMO = "handbook-tiny"
_GGUF = "handbook-tiny-q8_0.gguf"

RECORD = """
contact = "The lab's data steward"
benefits = ["Students see how a handbook becomes a model that answers."]
harms = ["It may answer wrongly with great confidence."]
evaluations = ["Its answers to the handbook's own questions were compared, one by one."]
reviewed_by = "The lab's ethics board"
reviewed_on = "2026-11-20"
"""


def recipe(model: str, *, lease: bool) -> str:
    """The demo model's first form under another name; with ``lease`` its license wants one."""
    head, _, forms = (ROOT / "recipes" / f"{_DEMO}.toml").read_text().partition("[[forms]]")
    left_out = ("id =", "title =", "license =", "revision", "#")
    kept = [line for line in head.splitlines() if not line.startswith(left_out)]
    at = kept.index("[defaults]")
    top = [f'id = "{model}"', "revision = 1", f'title = "{model}, for a show"', *kept[:at]]
    if not lease:
        top.insert(3, 'license = "Apache-2.0"')
    form = "[[forms]]" + forms.partition("[[forms]]")[0]
    license_block = _LEASED if lease else ""
    return "\n".join([*top, "", license_block, *kept[at:], form])


_LEASED = """[license]
expression = "Apache-2.0"
title = "Apache, by agreement of the institutions"
acceptance = "none"
redistribution = "yes"
derivatives = "yes"
lease = true
on_revocation = "quarantine"
"""


def put_files(box: Box, model: str) -> None:
    """As an operator copies them: a catalog signs what a model is, and not where it comes from."""
    folder = box.home / "models" / model
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "recipes" / _DEMO / _GGUF, folder)


def write(folder: Path, model: str, *, lease: bool) -> Path:
    path = folder / f"{model}.toml"
    path.write_text(recipe(model, lease=lease))
    return path
