"""``share check``: the lab's own model, its license, its files, before anything is signed."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from appliance.catalog.recipes import decode_recipe
from appliance.domain.approval import Approval
from appliance.errors import BadRequest, Conflict, IntegrityFailed, ModelNotFound, NotFound, NotLicensed
from appliance.services.sharing.checking import ShareCheck
from tests.sharing.labs import recipe_of, sha256_of

NO_COPIES = """
[license]
expression = "LicenseRef-house"
title = "The house license"
acceptance = "none"
redistribution = "no"
derivatives = "no"
"""


@dataclass
class Here:
    """Catalog, files and inspector of a box with one model."""

    folder: Path
    toml: bytes = recipe_of(b"weights")
    by: str = "lab"
    here: bool = True
    wrong: str = ""
    hostile: str = ""
    looked: list = field(default_factory=list)

    def find(self, model_id):
        if model_id != "own":
            raise ModelNotFound(model_id)
        recipe = decode_recipe(self.toml, "own").value()
        found = replace(recipe, approval=Approval(by=self.by, name="ada"))
        return found, found.forms[0]

    def toml_of(self, recipe_id):
        return self.toml

    def folder_of(self, recipe, form):
        return self.folder if self.here else None

    def verify(self, form, folder, on_progress):
        self.looked.append("hashes")
        on_progress(1.0)
        if self.wrong:
            raise IntegrityFailed(self.wrong)

    async def inspect(self, recipe, form, files):
        self.looked.append(sorted(files))
        if self.hostile:
            raise IntegrityFailed(self.hostile)


def check_of(here, box):
    return ShareCheck(box, here, here, here)


@pytest.fixture
def owner(lab):
    return lab.box


async def test_sound_model_is_told_by_its_hash_and_its_name_for_others(tmp_path, owner):
    here = Here(tmp_path)
    checked = await check_of(here, owner).check(model="own")
    assert (checked.organization, checked.shared_as) == ("lab-a", "lab-a.own")
    assert (checked.forms, checked.files, checked.size_bytes) == (("q8",), 1, 7)
    assert checked.toml_sha256 == sha256_of(here.toml)
    assert here.looked == ["hashes", ["own.gguf"]]


async def test_files_that_are_others_or_hostile_are_refused(tmp_path, owner):
    for trouble in ({"wrong": "another hash"}, {"hostile": "the header lies"}):
        with pytest.raises(IntegrityFailed, match=r"hash|lies"):
            await check_of(Here(tmp_path, **trouble), owner).check(model="own")


async def test_kind_of_file_that_nobody_opens_is_refused_before_it_is_read(tmp_path, owner):
    here = Here(tmp_path, toml=recipe_of(b"weights").replace(b"own.gguf", b"own.pt"))
    with pytest.raises(BadRequest, match="pickle"):
        await check_of(here, owner).check(model="own")
    assert here.looked == []


async def test_license_is_looked_at_before_any_file_is(tmp_path, owner):
    toml = recipe_of(b"weights").replace(b'license = "ISC"\n', b"")
    here = Here(tmp_path, toml=toml.replace(b"[defaults]", NO_COPIES.encode() + b"[defaults]"))
    with pytest.raises(NotLicensed, match="LicenseRef-house"):
        await check_of(here, owner).check(model="own")
    assert here.looked == []


async def test_model_of_somebody_else_is_not_shared(tmp_path, owner):
    with pytest.raises(BadRequest, match="not this lab's own"):
        await check_of(Here(tmp_path, by="release"), owner).check(model="own")


async def test_model_whose_files_are_not_here_is_not_shared(tmp_path, owner):
    with pytest.raises(NotFound, match="not on this box"):
        await check_of(Here(tmp_path, here=False), owner).check(model="own")


async def test_box_of_no_registry_shares_nothing(tmp_path, stranger):
    with pytest.raises(Conflict, match="carrel fed enroll"):
        await check_of(Here(tmp_path), stranger).check(model="own")
