"""A box's folders with a lab's recipes in them."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from appliance.catalog.approving import Approver
from appliance.catalog.entries import NoCatalogs, SignedCatalogs
from appliance.catalog.lab import LabRecipes
from appliance.catalog.live import LiveCatalog
from appliance.trust.box_key import BoxKey
from tests.catalog.conftest import RECIPE

TEXT = b"You may use it on Tuesdays.\n"
TEXT_SHA256 = hashlib.sha256(TEXT).hexdigest()
TERMS = f"""
[license]
expression = "LicenseRef-tuesdays"
title = "The Tuesday license"
acceptance = "institution"
redistribution = "no"
derivatives = "no"
text_sha256 = "{TEXT_SHA256}"
"""


def toml(id: str = "own", revision: int = 1, **changed: str) -> str:
    text = RECIPE.replace('id = "tiny"', f'id = "{id}"').replace("revision = 3", f"revision = {revision}")
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    return text


def licensed(id: str = "own") -> str:
    return toml(id).replace('license = "Apache-2.0"\n', "").replace("[defaults]", f"{TERMS}\n[defaults]")


@dataclass
class KnownTexts:
    """License texts by hash."""

    texts: dict[str, str] = field(default_factory=dict)

    def text(self, sha256: str) -> str | None:
        return self.texts.get(sha256)


@dataclass
class LabFolders:
    """``release`` has the recipe `tiny`; the lab's folders are made when something is put into them."""

    root: Path
    signed: SignedCatalogs = field(default_factory=NoCatalogs)
    texts: KnownTexts = field(default_factory=KnownTexts)

    def __post_init__(self) -> None:
        self.release.mkdir()
        (self.release / "tiny.toml").write_text(RECIPE)

    @property
    def release(self) -> Path:
        return self.root / "release"

    @property
    def lab(self) -> LabRecipes:
        return LabRecipes(self.root / "recipes", lambda: BoxKey.at(self.root / "data" / "box-key.pem"))

    @property
    def licenses(self) -> Path:
        return self.root / "licenses"

    def catalog(self) -> LiveCatalog:
        return LiveCatalog(self.release, lab=self.lab, signed=self.signed)

    def approver(self) -> Approver:
        return Approver(self.catalog(), self.lab, self.texts, self.licenses)

    def approve(self, text: str, who: str = "ada", **more: bytes):
        return self.approver().approve(text.encode(), who, 1_700_000_000_000, **more)

    def path(self, name: str) -> Path:
        return self.root / "recipes" / name
