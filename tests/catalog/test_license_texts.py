"""License texts are found by what they say, not by what they are called."""

import hashlib

import pytest

from appliance.catalog.license_texts import MOST_BYTES, LicenseTexts

TEXT = "You may. “Quoted.”\n"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def folders(tmp_path):
    ours, labs = tmp_path / "recipes" / "licenses", tmp_path / "lab"
    ours.mkdir(parents=True)
    labs.mkdir()
    return ours, labs


def test_a_text_is_found_by_its_hash_in_any_folder(folders, tmp_path):
    ours, labs = folders
    (ours / "one.txt").write_text("Another.\n")
    (labs / "whatever.txt").write_text(TEXT)
    texts = LicenseTexts.of(tmp_path / "recipes", labs, tmp_path / "absent")
    assert texts.text(DIGEST) == TEXT
    assert texts.text(hashlib.sha256(b"Another.\n").hexdigest()) == "Another.\n"
    assert texts.text("0" * 64) is None


def test_a_text_that_comes_later_is_found(folders):
    _, labs = folders
    (labs / "first.txt").write_text("Another.\n")
    texts = LicenseTexts(labs)
    assert texts.text(DIGEST) is None
    (labs / "later.txt").write_text(TEXT)
    assert texts.text(DIGEST) == TEXT


def test_a_text_that_was_read_is_not_read_again(folders):
    _, labs = folders
    (labs / "one.txt").write_text(TEXT)
    texts = LicenseTexts(labs)
    texts.text(DIGEST)
    (labs / "one.txt").unlink()
    assert texts.text(DIGEST) == TEXT


def test_line_ends_are_part_of_the_text(folders):
    _, labs = folders
    (labs / "one.txt").write_bytes(b"One.\r\nTwo.\r\n")
    assert LicenseTexts(labs).text(hashlib.sha256(b"One.\r\nTwo.\r\n").hexdigest()) == "One.\r\nTwo.\r\n"


@pytest.mark.parametrize("content", [b"x" * (MOST_BYTES + 1), b"\xff\xfe"], ids=["too long", "no text"])
def test_what_is_no_readable_text_is_left_alone(folders, content):
    _, labs = folders
    (labs / "odd.txt").write_bytes(content)
    (labs / "folder.txt").mkdir()
    (labs / "one.txt").write_text(TEXT)
    texts = LicenseTexts(labs)
    assert texts.text(hashlib.sha256(content).hexdigest()) is None
    assert texts.text(DIGEST) == TEXT


def test_other_files_are_no_texts(folders):
    _, labs = folders
    (labs / "one.md").write_text(TEXT)
    assert LicenseTexts(labs).text(DIGEST) is None
