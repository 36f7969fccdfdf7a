"""What a person sees of `carrel model verify`: how far it is, a line a file, the table of forms, an exit
code.
"""

import threading

import msgspec
import pytest

from appliance.cli.following import Following
from appliance.client.presenting.showing import present
from appliance.client.presenting.verifying import fidelity_line
from appliance.domain.results import Fidelity, FileCheck, FormCheck, FormFidelity, Verification
from tests.admin.fake_box import status

WRONG = FileCheck(name="w.gguf", size_bytes=2048, state="wrong", reason="Its SHA-256 differs.")
FORM = FormCheck(id="tiny@q8", ok=False, files=(WRONG,))
BROKEN = Verification(model="tiny@q8", ok=False, forms=(FORM,))
LINE = FormFidelity(
    id="tiny@q8",
    reference="f16",
    engine="llama_cpp",
    size_bytes=2048,
    tokens=4000,
    nll=0.6523,
    perplexity=1.92,
    reference_perplexity=1.9,
    nll_difference=0.0104,
    agreement=0.991,
    mean_difference=0.02,
    largest_difference=0.5,
    seconds=3.2,
)
NOT_MEASURED = FormFidelity(id="tiny@f32", reference="f16", engine="torch", size_bytes=1, reason="No room.")


def test_a_wrong_file_is_exit_code_8_and_its_reason_is_shown(carrel, box):
    box.handlers.answers["model.verify"] = BROKEN
    done = carrel("model", "verify", "tiny")
    assert done.code == 8
    assert "SHA-256 differs" in done.out
    assert "tiny@q8" in done.out
    assert carrel("model", "verify", "tiny", "--json").document["ok"] is False


def test_right_files_are_exit_code_0(carrel, box):
    box.handlers.answers["model.verify"] = msgspec.structs.replace(BROKEN, ok=True)
    assert carrel("model", "verify", "tiny").code == 0


def test_the_table_has_a_line_a_form_and_says_why_one_was_not_measured(capsys):
    fidelity = Fidelity(text_sha256="ab" * 32, window_tokens=512, forms=(LINE, NOT_MEASURED))
    present(msgspec.structs.replace(BROKEN, ok=True, fidelity=fidelity))
    shown = capsys.readouterr().out
    for said in ("1.9200", "99.10%", "+0.01040", "4,000", "No room.", "512 tokens", "Compared with f16"):
        assert said in shown


def test_a_models_sheet_has_it_in_one_line():
    assert fidelity_line(LINE) == "perplexity 1.920 (f16 1.900), top-1 agreement 99.1%"
    assert "compared with" in fidelity_line(msgspec.structs.replace(LINE, reference="q8"))
    assert fidelity_line(NOT_MEASURED) == "No room."


def test_how_far_it_is_is_told_once_while_it_lasts(carrel, box, capsys):
    told = threading.Event()
    box.handlers.answers["status"] = status(tasks=("tiny@q8: 40% of the text read",))
    box.handlers.notice = lambda name: asked.append(name) or (len(asked) > 2 and told.set())
    asked: list[str] = []
    with Following(carrel.desk(), every_s=0.01):
        assert told.wait(10)
    assert capsys.readouterr().err == "tiny@q8: 40% of the text read\n"


@pytest.mark.parametrize("words", [("model", "verify", "tiny"), ("model", "verify", "tiny", "--json")])
def test_a_box_that_answers_at_once_has_nothing_told_of_it(carrel, box, words):
    box.handlers.answers["status"] = status(tasks=("something",))
    assert carrel(*words).err == ""


def test_a_box_that_is_gone_ends_the_telling_quietly(carrel):
    with Following(carrel.desk(), every_s=0.01) as following:
        following._thread.join(10)
        assert not following._thread.is_alive()
