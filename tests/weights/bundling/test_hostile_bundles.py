"""Bundles that are damaged or made to harm: refused with the reason, nothing written outside of the store."""

import hashlib
import os
import socket

import msgspec
import pytest

from appliance.errors import CarrelError, IntegrityFailed, NotFound
from appliance.trust.box_key import BoxKey
from appliance.weights.blobs import BlobStore
from appliance.weights.bundling.manifest import KIND, Manifest, Piece, RecipeLine, read_manifest
from appliance.weights.bundling.reading import OpenBundle
from tests.weights.bundling.sticks import LARGE, SHARED, tree, unheard

LARGE_NAME = f"blobs/{hashlib.sha256(LARGE).hexdigest()}"


@pytest.fixture
def store(tmp_path):
    (tmp_path / "here").mkdir()
    return BlobStore(tmp_path / "here")


@pytest.fixture
def manifest(bundle):
    return read_manifest((bundle / "manifest.jws").read_text())[0]


@pytest.fixture
def resign(sender, bundle):
    """Sign another manifest with the sender's own key: a hostile sender, not a broken stick."""

    def sign(changed: Manifest, kind: str = KIND) -> None:
        (bundle / "manifest.jws").write_text(sender.key.sign(kind, changed))

    return sign


def with_member(manifest, name, **changes):
    members = tuple(
        msgspec.structs.replace(one, **changes) if one.name == name else one for one in manifest.members
    )
    assert members != manifest.members
    return msgspec.structs.replace(manifest, members=members)


def also(manifest, **changes):
    more = msgspec.structs.replace(manifest.members[0], **changes)
    return msgspec.structs.replace(manifest, members=(*manifest.members, more))


def take_all(bundle, store, files):
    found = OpenBundle.at(str(bundle), store)
    if not found.contents.whole:
        raise IntegrityFailed("it is not whole")
    found.take(files, unheard)


def refused(sender, store, match="."):
    """Opened and taken from as far as it goes; whatever stops it, nothing lies outside of the store."""
    files = [one.file for model in (sender.open, sender.strict) for one in model.files]
    before = {name for name in tree(sender.folder) if not name.startswith("here/")}
    with pytest.raises(CarrelError, match=match) as raised:
        take_all(sender.bundle, store, files)
    assert {name for name in tree(sender.folder) if not name.startswith("here/")} == before
    assert not {name for name in tree(sender.folder / "here") if "/" in name and not name.startswith(".")}
    return raised.value


# ---- the manifest ----


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "recipes/../../outside.toml", "/etc/passwd", "recipes//x.toml", "recipes/x.toml/",
        "recipes/.hidden.toml", "recipes/x\n.toml", "recipes/con.toml", "recipes/%2e%2e.toml",
        "recipes/ü.toml", "recipes\\x.toml", "RECIPES/x.toml", "recipes/x.toml.", "manifest.jws", "",
        "recipes/" + "x" * 300,
    ],
    ids=range(16),
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(sender, store, manifest, resign, name):
    resign(also(manifest, name=name))
    assert isinstance(refused(sender, store), IntegrityFailed)


def test_a_member_that_is_named_twice_is_refused(sender, store, manifest, resign):
    resign(also(manifest))
    refused(sender, store, "twice")


def test_names_that_differ_in_case_alone_are_refused(sender, store, manifest, resign):
    (sender.bundle / "program").mkdir()
    both = also(also(manifest, kind="program", name="program/Read"), kind="program", name="program/read")
    resign(both)
    refused(sender, store, "upper case")


def test_a_file_that_is_another_ones_folder_is_refused(sender, store, manifest, resign):
    resign(also(also(manifest, kind="program", name="program/x"), kind="program", name="program/x/y"))
    refused(sender, store, "folder of")


def test_a_piece_under_the_name_of_another_member_is_refused(sender, store, manifest, resign):
    resign(also(manifest, kind="blob", name=f"{LARGE_NAME}.000"))
    refused(sender, store, "name that it cannot have")


def test_a_blob_under_another_hash_is_refused(sender, store, manifest, resign):
    resign(with_member(manifest, LARGE_NAME, sha256="0" * 64))
    refused(sender, store, "not named after its hash")


def test_pieces_that_do_not_make_up_the_size_are_refused(sender, store, manifest, resign):
    resign(with_member(manifest, LARGE_NAME, size_bytes=10**12))
    refused(sender, store, "do not make up its size")


def test_a_thousand_to_one_is_refused_before_it_is_copied(sender, store, manifest, resign):
    """A sparse file: nothing on the stick, a terabyte on the disk."""
    name = f"blobs/{hashlib.sha256(SHARED).hexdigest()}"
    resign(with_member(manifest, name, size_bytes=2**32 - 1))
    (sender.bundle / name).unlink()
    with (sender.bundle / name).open("wb") as file:
        file.truncate(2**32 - 1)
    found = OpenBundle.at(str(sender.bundle), store)
    assert found.lacks([sender.strict.files[0].file]) == ["s.gguf"]


def test_a_recipe_that_is_not_the_signed_one_is_refused(sender, store, manifest, resign):
    lines = (msgspec.structs.replace(manifest.recipes[0], sha256="0" * 64), *manifest.recipes[1:])
    resign(msgspec.structs.replace(manifest, recipes=lines))
    refused(sender, store, "recipe of")


def test_a_license_that_should_travel_and_does_not_is_refused(sender, store, manifest, resign):
    kept = tuple(one for one in manifest.members if one.kind != "license")
    resign(msgspec.structs.replace(manifest, members=kept))
    refused(sender, store, "license of")


def test_a_manifest_of_another_kind_is_refused(sender, store, manifest, resign):
    resign(manifest, "approval+jws")
    refused(sender, store, "is no bundle")


def test_a_manifest_that_another_key_signed_does_not_pass_for_this_ones(sender, store, manifest, tmp_path):
    header, _, signature = sender.key.sign(KIND, manifest).split(".")
    changed = msgspec.structs.replace(manifest, recipient="Lab C")
    forged = BoxKey.at(tmp_path / "other.pem").sign(KIND, changed).split(".")[1]
    (sender.bundle / "manifest.jws").write_text(f"{header}.{forged}.{signature}")
    refused(sender, store, "signature")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\x00" * 100, "x" * 5_000_000], ids=range(5))
def test_what_is_no_manifest_is_refused(sender, store, bundle, text):
    (bundle / "manifest.jws").write_text(text)
    refused(sender, store)


def test_a_bundle_without_a_manifest_is_unfinished(sender, store, bundle):
    (bundle / "manifest.jws").unlink()
    with pytest.raises(NotFound, match="no finished bundle"):
        OpenBundle.at(str(bundle), store)


# ---- the folder ----


def test_a_symbolic_link_is_refused(sender, store, bundle, tmp_path):
    path = bundle / f"{LARGE_NAME}.001"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    refused(sender, store, "no file")


def test_a_folder_that_is_a_link_is_refused(sender, store, bundle, tmp_path):
    (bundle / "blobs").rename(tmp_path / "elsewhere")
    (bundle / "blobs").symlink_to(tmp_path / "elsewhere")
    refused(sender, store, "no file")


def test_a_hard_link_is_refused(sender, store, bundle, tmp_path):
    os.link(bundle / f"{LARGE_NAME}.001", tmp_path / "second-name")
    refused(sender, store, "no file")


def test_a_fifo_is_refused_and_not_waited_for(sender, store, bundle):
    (bundle / f"{LARGE_NAME}.001").unlink()
    os.mkfifo(bundle / f"{LARGE_NAME}.001")
    refused(sender, store, "no file")


def test_a_socket_is_refused(sender, store, bundle, monkeypatch):
    monkeypatch.chdir(bundle / "blobs")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("x")
        refused(sender, store, "no file")


def test_a_file_that_nobody_signed_is_refused(sender, store, bundle):
    (bundle / "program").mkdir()
    (bundle / "program" / "run-me.sh").write_text("rm -rf ~\n")
    refused(sender, store, "not whole")
    assert OpenBundle.at(str(bundle), store).contents.extra == ("program/run-me.sh",)


def test_what_other_systems_drop_on_sticks_is_passed_over(bundle, store):
    (bundle / ".DS_Store").write_bytes(b"x")
    (bundle / "blobs" / "._x").write_bytes(b"x")
    (bundle / "System Volume Information").mkdir()
    assert OpenBundle.at(str(bundle), store).contents.whole


def test_a_missing_piece_is_named(bundle, store):
    (bundle / f"{LARGE_NAME}.001").unlink()
    assert OpenBundle.at(str(bundle), store).contents.missing == (f"{LARGE_NAME}.001",)


def test_a_piece_of_another_length_is_named(bundle, store):
    (bundle / f"{LARGE_NAME}.001").write_bytes(b"x")
    assert OpenBundle.at(str(bundle), store).contents.wrong == (f"{LARGE_NAME}.001",)


def test_pieces_that_changed_places_are_refused(sender, store, bundle):
    first, second = bundle / f"{LARGE_NAME}.000", bundle / f"{LARGE_NAME}.001"
    one, other = LARGE[:1000][::-1], LARGE[1000:2000][::-1]
    first.write_bytes(other)
    second.write_bytes(one)
    refused(sender, store, r"\.000 on the bundle is damaged")


def test_folders_without_end_are_refused(sender, store, bundle):
    deep = bundle / "program"
    for _ in range(12):
        deep = deep / "x"
    deep.mkdir(parents=True)
    refused(sender, store, "too deep")


def test_a_file_that_is_replaced_while_it_is_copied_is_refused(sender, store, bundle):
    found = OpenBundle.at(str(bundle), store)
    told = []

    def swap(line):
        told.append(line)
        path = bundle / f"{LARGE_NAME}.002"
        path.unlink(missing_ok=True)
        path.symlink_to("/etc/hostname")

    with pytest.raises(IntegrityFailed):
        found.take([sender.open.files[1].file], swap)
    assert told
    assert not store.has(sender.open.files[1].file)


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "fifo"])
def test_what_becomes_no_file_of_its_own_after_it_was_looked_at_is_refused(
    store, sender, bundle, tmp_path, kind
):
    """Even where a link leads to the very bytes that were signed."""
    found = OpenBundle.at(str(bundle), store)
    path = bundle / f"{LARGE_NAME}.001"
    path.rename(tmp_path / "elsewhere")
    make = {"symbolic link": os.symlink, "hard link": os.link, "fifo": lambda _there, here: os.mkfifo(here)}
    make[kind](tmp_path / "elsewhere", path)
    with pytest.raises(IntegrityFailed):
        found.take([sender.open.files[1].file], unheard)
    assert not store.has(sender.open.files[1].file)


def test_a_manifest_that_is_replaced_after_it_was_read_changes_nothing(
    sender, store, bundle, manifest, resign
):
    found = OpenBundle.at(str(bundle), store)
    resign(replace_piece(manifest))
    found.take([sender.open.files[1].file], unheard)
    assert store.has(sender.open.files[1].file)


def replace_piece(manifest):
    large = next(one for one in manifest.members if one.pieces)
    pieces = (Piece(large.pieces[0].size_bytes, "0" * 64), *large.pieces[1:])
    return with_member(manifest, large.name, pieces=pieces)


def test_shapes_stay_closed():
    for shape in (Manifest, RecipeLine, Piece):
        assert shape.__struct_config__.forbid_unknown_fields
        assert shape.__struct_config__.frozen


def test_pieces_that_are_signed_and_make_up_another_file_are_refused(sender, store, bundle, manifest, resign):
    other = b"x" * 1000
    large = next(one for one in manifest.members if one.pieces)
    pieces = (Piece(1000, hashlib.sha256(other).hexdigest()), *large.pieces[1:])
    resign(with_member(manifest, large.name, pieces=pieces))
    (bundle / f"{LARGE_NAME}.000").write_bytes(other)
    refused(sender, store, "damaged")
    assert not store.has(sender.open.files[1].file)
