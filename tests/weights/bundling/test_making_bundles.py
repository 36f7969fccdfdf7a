"""A bundle as it is made: whole, signed last, kept where it was right, and nothing that may not travel."""

import errno
import hashlib
import os
from dataclasses import replace

import pytest

from appliance.domain.bundle import BundledFile
from appliance.errors import BadRequest, Conflict, IntegrityFailed, NotAllowed, StorageUnavailable
from appliance.weights.bundling import making, writing
from appliance.weights.bundling.examining import examine
from appliance.weights.bundling.making import Maker
from tests.weights.bundling.sticks import LARGE, SHARED, TEXT, TEXT_SHA256, tree, unheard


def sha256(raw):
    return hashlib.sha256(raw).hexdigest()


def test_it_holds_recipes_licenses_pieces_and_a_page_for_people(sender, bundle):
    found = tree(bundle)
    large = f"blobs/{sha256(LARGE)}"
    assert set(found) == {
        "README.txt", "manifest.jws", "recipes/open.toml", "recipes/strict.toml",
        f"licenses/{TEXT_SHA256}.txt", f"blobs/{sha256(SHARED)}",
        f"{large}.000", f"{large}.001", f"{large}.002",
    }  # fmt: skip
    assert found[f"{large}.000"] + found[f"{large}.001"] + found[f"{large}.002"] == LARGE
    assert found[f"licenses/{TEXT_SHA256}.txt"].decode() == TEXT
    assert "Lab B" in found["README.txt"].decode()
    assert sender.key.public.id in found["README.txt"].decode()


def test_the_manifest_says_for_whom_by_whom_and_on_which_terms(sender, bundle):
    manifest, contents = examine(str(bundle), full=True, tell=unheard)
    assert contents.whole
    assert (contents.recipient, contents.signer) == ("Lab B", sender.key.public.id)
    strict = next(one for one in manifest.recipes if one.id == "strict")
    assert (strict.redistribution, strict.acceptance) == ("same-terms", "institution")
    assert (strict.license_sha256, strict.attribution) == (TEXT_SHA256, "By the campus.")


def test_a_file_that_two_models_have_is_on_it_once(sender, bundle):
    assert len([name for name in tree(bundle) if sha256(SHARED) in name]) == 1


def test_made_again_what_is_right_stays_as_it_is(sender, bundle):
    before = {path: path.stat().st_ino for path in (bundle / "blobs").iterdir()}
    made = sender.make()
    assert {path: path.stat().st_ino for path in (bundle / "blobs").iterdir()} == before
    assert made.kept_bytes == len(SHARED) + len(LARGE)


def test_a_piece_that_went_bad_is_written_anew_and_no_other(sender, bundle):
    bad = bundle / "blobs" / f"{sha256(LARGE)}.001"
    bad.write_bytes(b"x" * 1000)
    made = sender.make()
    assert bad.read_bytes() == LARGE[1000:2000]
    assert made.kept_bytes == len(SHARED) + len(LARGE) - 1000
    assert examine(str(bundle), full=True, tell=unheard)[1].whole


def test_interrupted_it_is_unfinished_without_junk_and_is_finished_by_the_next_try(sender):
    told = []

    def leave_after_a_while(line):
        told.append(line)
        if len(told) == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sender.make(tell=leave_after_a_while)
    left = tree(sender.bundle)
    assert "manifest.jws" not in left
    assert not [name for name in left if name.endswith(".part")]
    sender.make()
    assert examine(str(sender.bundle), full=True, tell=unheard)[1].whole


def test_while_it_is_made_anew_the_old_manifest_is_gone(sender, bundle):
    maker = Maker(sender.order(), sender.key, unheard)
    maker.prepare()
    assert not (bundle / "manifest.jws").exists()


def test_what_an_earlier_try_had_and_this_one_has_not_is_taken_away(sender, bundle):
    sender.make(sender.order(sender.strict))
    assert set(tree(bundle)) == {
        "README.txt", "manifest.jws", "recipes/strict.toml", f"licenses/{TEXT_SHA256}.txt",
        f"blobs/{sha256(SHARED)}",
    }  # fmt: skip


def test_a_model_that_may_not_be_given_on_is_refused_by_its_license(sender):
    terms = replace(sender.open.recipe.terms, expression="LicenseRef-OPT-175B", redistribution="no")
    closed = replace(sender.open, recipe=replace(sender.open.recipe, terms=terms))
    with pytest.raises(NotAllowed, match=r"LicenseRef-OPT-175B.*forbids"):
        sender.make(sender.order(closed, sender.strict))
    assert not sender.bundle.exists()


def test_a_license_that_has_to_travel_and_is_not_here_is_refused(sender):
    with pytest.raises(NotAllowed, match="has to travel with its weights"):
        sender.make(sender.order(replace(sender.strict, license_text=None)))


def test_a_file_that_is_not_the_recipes_goes_on_no_bundle(sender):
    (sender.models / "open" / "b.gguf").write_bytes(b"x" * len(LARGE))
    with pytest.raises(IntegrityFailed, match=r"b\.gguf is not the file of the recipe"):
        sender.make()
    assert not (sender.bundle / "manifest.jws").exists()


def test_a_file_of_another_length_is_refused_before_it_is_copied(sender):
    (sender.models / "open" / "b.gguf").write_bytes(LARGE + b"x")
    with pytest.raises(IntegrityFailed):
        sender.make()
    assert not [name for name in tree(sender.bundle) if sha256(LARGE) in name]


def test_a_link_in_place_of_a_models_file_is_not_followed(sender):
    path = sender.models / "open" / "b.gguf"
    path.rename(sender.folder / "elsewhere")
    path.symlink_to(sender.folder / "elsewhere")
    with pytest.raises(IntegrityFailed, match="not the file of the recipe"):
        sender.make()


def test_a_folder_with_other_files_is_not_touched(sender):
    sender.bundle.mkdir()
    (sender.bundle / "thesis.tex").write_text("x")
    with pytest.raises(BadRequest, match="other files"):
        sender.make()
    assert set(tree(sender.bundle)) == {"thesis.tex"}


def test_folders_that_look_like_a_bundles_and_are_not_are_not_touched(sender):
    (sender.bundle / "blobs").mkdir(parents=True)
    (sender.bundle / "blobs" / "mine").write_text("x")
    with pytest.raises(BadRequest, match="other files"):
        sender.make()
    assert set(tree(sender.bundle)) == {"blobs/mine"}


def test_a_stick_that_is_not_mounted_is_told(sender):
    with pytest.raises(BadRequest, match="mounted"):
        sender.make(sender.order(folder="/nonexistent/stick/bundle"))


def test_a_path_that_depends_on_where_one_stands_is_refused(sender):
    with pytest.raises(BadRequest, match="whole path"):
        sender.make(sender.order(folder="bundle"))


def test_too_small_a_stick_is_told_before_anything_is_written(sender):
    huge = replace(sender.open.files[0].file, size_bytes=2**50, sha256="0" * 64)
    model = replace(sender.open, files=(BundledFile(huge, sender.open.files[0].path),))
    with pytest.raises(StorageUnavailable, match="larger stick"):
        sender.make(sender.order(model))
    assert set(tree(sender.bundle)) <= {"README.txt"}


def test_a_stick_that_gives_back_other_bytes_is_found_out(sender, monkeypatch):
    monkeypatch.setattr(writing, "digest_of", lambda path: "0" * 64)
    with pytest.raises(IntegrityFailed, match="stick is broken"):
        sender.make()
    assert not [name for name in tree(sender.bundle) if name.endswith(".part")]


def test_a_stick_that_is_full_says_what_to_do(sender, monkeypatch):
    def refuse(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing, "_write_all", refuse)
    with pytest.raises(StorageUnavailable, match="larger stick"):
        sender.make()


def test_two_at_once_are_refused(sender, bundle):
    with making.alone(bundle), pytest.raises(Conflict):
        sender.make()


def test_the_program_that_lies_there_belongs_to_it(sender):
    maker = Maker(sender.order(program=True), sender.key, unheard)
    maker.prepare()
    (sender.bundle / "program" / "packaging").mkdir(parents=True)
    (sender.bundle / "program" / "packaging" / "install.sh").write_text("#!/bin/sh\n")
    maker.make()
    manifest, contents = examine(str(sender.bundle), full=True, tell=unheard)
    assert contents.whole
    assert {one.name for one in manifest.members if one.kind == "program"} == {
        "install.sh",
        "program/packaging/install.sh",
    }
    assert "bash install.sh --model open" in (sender.bundle / "README.txt").read_text()


def test_a_catalogs_own_proof_travels_along(sender):
    files = (("metadata/1.root.json", b"{}"), ("targets/models/open/1.toml", b"x"))
    sender.make(sender.order(catalogs=(("campus", files),)))
    assert (sender.bundle / "catalogs/campus/metadata/1.root.json").read_bytes() == b"{}"
    assert examine(str(sender.bundle), full=True, tell=unheard)[1].whole


def test_a_program_that_was_put_there_beforehand_is_taken_up(sender):
    (sender.bundle / "program").mkdir(parents=True)
    (sender.bundle / "program" / "program.txt").write_text("machine x86_64\n")
    sender.make(sender.order(program=True))
    assert examine(str(sender.bundle), full=True, tell=unheard)[1].program == {"machine": "x86_64"}


def test_a_folder_that_is_only_called_program_is_not_touched(sender):
    (sender.bundle / "program").mkdir(parents=True)
    (sender.bundle / "program" / "mine.txt").write_text("x")
    with pytest.raises(BadRequest, match="other files"):
        sender.make()
    assert set(tree(sender.bundle)) == {"program/mine.txt"}


def test_a_readme_of_somebody_elses_makes_no_bundle_of_a_folder(sender):
    (sender.bundle / "recipes").mkdir(parents=True)
    (sender.bundle / "README.txt").write_text("My grandmother's recipes")
    (sender.bundle / "recipes" / "soup.toml").write_text("x")
    with pytest.raises(BadRequest, match="other files"):
        sender.make()
    assert set(tree(sender.bundle)) == {"README.txt", "recipes/soup.toml"}
