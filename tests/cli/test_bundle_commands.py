"""What a person sees of bundles: who made one, what is amiss with it, what came of it."""

import hashlib

import pytest

from appliance.client.presenting.showing import present
from appliance.domain.results import BundleCreated, BundledModelLine, BundleInstalled
from tests.weights.bundling.sticks import LARGE, TEXT_SHA256, Sender

PIECE = f"blobs/{hashlib.sha256(LARGE).hexdigest()}.001"


@pytest.fixture
def sender(tmp_path):
    sender = Sender(tmp_path / "sender")
    sender.make()
    return sender


def test_a_bundle_is_looked_at_without_a_running_box(carrel, sender):
    done = carrel("bundle", "inspect", str(sender.bundle))
    assert done.code == 0
    for said in (
        "Lab B",
        sender.key.public.id,
        "strict",
        "LicenseRef-Campus",
        TEXT_SHA256[:12],
        "--full does that",
    ):
        assert said in done.out
    assert not (carrel.home / "data").exists()


def test_a_damaged_piece_is_found_by_reading_it_and_is_exit_code_8(carrel, sender):
    (sender.bundle / PIECE).write_bytes(b"x" * 1000)
    assert carrel("bundle", "inspect", str(sender.bundle)).code == 0
    done = carrel("bundle", "inspect", str(sender.bundle), "--full")
    assert done.code == 8
    assert f"damaged: {PIECE}" in done.out
    assert carrel("bundle", "inspect", str(sender.bundle), "--full", "--json").document["wrong"] == [PIECE]


def test_what_it_would_add_is_told_by_what_is_here(carrel, sender):
    document = carrel("bundle", "inspect", str(sender.bundle), "--json").document
    sizes = {one.file.sha256: one.file.size_bytes for one in (*sender.open.files, *sender.strict.files)}
    assert document["new_bytes"] == sum(sizes.values())
    blobs = carrel.home / "models" / ".blobs"
    blobs.mkdir(parents=True)
    (blobs / hashlib.sha256(LARGE).hexdigest()).write_bytes(LARGE)
    document = carrel("bundle", "inspect", str(sender.bundle), "--json").document
    assert document["new_bytes"] == sum(sizes.values()) - len(LARGE)


def test_the_box_knows_its_own_signature(carrel, sender):
    assert carrel("bundle", "inspect", str(sender.bundle), "--json").document["own"] is False
    (carrel.home / "data").mkdir()
    (sender.folder / "box-key.pem").rename(carrel.home / "data" / "box-key.pem")
    assert carrel("bundle", "inspect", str(sender.bundle), "--json").document["own"] is True


def test_an_unfinished_bundle_and_no_folder_at_all_are_exit_code_3(carrel, sender, tmp_path):
    (sender.bundle / "manifest.jws").unlink()
    done = carrel("bundle", "inspect", str(sender.bundle))
    assert (done.code, "carrel bundle create" in done.err) == (3, True)
    assert carrel("bundle", "inspect", str(tmp_path / "nothing")).code == 3


def test_whoever_made_one_is_told_which_key_to_give_on(capsys):
    made = BundleCreated(
        recipient="Lab B",
        signer="thumb",
        size_bytes=10,
        kept_bytes=5,
        files=3,
        models=("a@q8",),
        installer=True,
    )
    present(made)
    shown = capsys.readouterr().out
    for said in ("Lab B", "thumb", "a@q8", "by another way"):
        assert said in shown


def test_whoever_installed_one_is_told_the_next_step(capsys):
    line = BundledModelLine(
        id="a", title="A", forms=("q8",), approved_by="approved by this lab", fresh_bytes=1
    )
    present(BundleInstalled(models=(line,)))
    shown = capsys.readouterr().out
    assert "approved by this lab" in shown
    assert "carrel model run a" in shown
