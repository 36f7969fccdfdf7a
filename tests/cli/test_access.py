"""Agreements on a terminal, files as arguments, and what a person reads of access."""

import io
import sys

import pytest

from appliance.client.presenting.showing import present
from appliance.domain.results import AgreementText, ApplicationSummary, GrantList, GrantSummary, LeaseList

SHA256 = "a1" * 32
SIGN = ("agreement", "sign", "--project", "nlp", "--who", "Dr. A")
SHOWN = AgreementText("conduct", SHA256, "Be good.", 1, 1, False, "Sign it.")


@pytest.fixture
def typed(carrel, box, monkeypatch):
    """A person at a terminal, who answers whatever is asked with this."""
    carrel.more["asks"] = True
    box.handlers.answers["agreement.show"] = SHOWN

    def answer(text: str):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
        return carrel

    return answer


def given(box, action: str) -> dict:
    return dict(box.handlers.calls).get(action, {})


def test_a_person_reads_the_code_of_conduct_and_signs_it(typed, box):
    done = typed("y")(*SIGN)
    assert done.code == 0, done.err
    assert "Be good." in done.err
    assert given(box, "agreement.sign")["text"] == SHA256


def test_a_no_signs_nothing_and_whoever_gives_the_hash_has_read_it(typed, box):
    assert typed("n")(*SIGN).code == 130
    assert given(box, "agreement.sign") == {}
    assert typed("n")(*SIGN, "--text", SHA256[:12]).code == 0
    assert given(box, "agreement.sign")["text"] == SHA256[:12]


def test_a_file_is_read_here_and_its_text_is_sent(carrel, box, tmp_path, monkeypatch):
    path = tmp_path / "conduct.txt"
    path.write_text("Be better: naïve.\n", encoding="utf-8")
    assert carrel("agreement", "publish", str(path)).code == 0
    assert given(box, "agreement.publish")["file"] == "Be better: naïve.\n"
    box.handlers.calls.clear()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Piped.")))
    assert carrel("agreement", "publish", "-").code == 0
    assert given(box, "agreement.publish")["file"] == "Piped."


@pytest.mark.parametrize(("content", "said"), [(b"\x80\x81", "no text in UTF-8"), (b"x" * 70_000, "larger")])
def test_a_file_that_is_no_text_or_too_large_is_not_sent(carrel, box, tmp_path, content, said):
    path = tmp_path / "conduct.txt"
    path.write_bytes(content)
    done = carrel("agreement", "publish", str(path))
    assert (done.code, said in " ".join(done.err.split()), box.handlers.calls) == (2, True, [])


def test_a_file_that_is_not_there_is_named(carrel, box, tmp_path):
    done = carrel("license", "lease", str(tmp_path / "none.jwt"))
    assert "none.jwt cannot be read" in done.err
    assert done.code != 0


def told(result, capsys) -> list[str]:
    present(result)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_grant_that_somebody_gave_themself_is_marked(capsys):
    grant = GrantSummary(
        id="grt_1", model="", tier="approved", project="nlp", granted_ms=0, until_ms=None, state="holds",
        conditions="", reason="", given_by="ada", application="", self_approved=True,
        countersigned_until_ms=None,
    )  # fmt: skip
    assert "ada (self-approved)" in told(GrantList((grant,)), capsys)[1]
    assert told(GrantList(()), capsys) == ["No project has a grant."]


def test_an_application_says_whom_it_waits_for(capsys):
    asked = ApplicationSummary(
        id="app_1", project="nlp", person="ada", model="m", tier="", affiliation="Uni",
        intended_use="A study.", publications="none", purpose="", agreement_sha256=SHA256, days=9,
        state="open", applied_ms=0, waiting_s=5, waits_for="a reviewer: rev", decided_ms=None,
        decided_by="", reason="", conditions="", until_ms=None,
    )  # fmt: skip
    lines = told(asked, capsys)
    assert "waits for a reviewer: rev" in lines
    assert "project does does not say" in lines
    assert not any(line.startswith("decided") for line in lines)


def test_a_box_that_believes_no_registry_says_how_it_would(capsys):
    lines = told(LeaseList("jkt", (), (), 1), capsys)
    assert lines[0] == "this box jkt"
    assert "registry-keys" in lines[1]
    assert "not what a believed registry signed" in lines[2]
