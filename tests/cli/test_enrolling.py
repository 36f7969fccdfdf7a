"""A code is given as it is, or as the file that holds it."""

import pytest

CODE = "crl-enroll:eyJ4IjoxfQ"


def given(box):
    return next(arguments for name, arguments in box.handlers.calls if name == "fed.enroll")["code"]


@pytest.mark.parametrize("content", [CODE, f"  {CODE}\n"])
def test_a_file_s_code_is_sent_in_its_place(carrel, box, tmp_path, content):
    file = tmp_path / "code.txt"
    file.write_text(content)
    assert carrel("fed", "enroll", str(file), "--json").code == 0
    assert given(box) == CODE


def test_a_code_is_sent_as_it_is(carrel, box):
    assert carrel("fed", "enroll", CODE, "--json").code == 0
    assert given(box) == CODE
