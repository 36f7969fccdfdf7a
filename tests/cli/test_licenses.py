"""Licenses on a terminal: the text is shown before it is accepted; terms are told in plain words."""

import io
import sys

import msgspec
import pytest

from appliance.cli.checks.licenses import licenses
from appliance.client.presenting.showing import present
from appliance.domain.results import (
    AcceptanceSummary,
    LicenseDetail,
    LicenseLine,
    LicenseList,
    ModelDetail,
    ModelList,
    ModelSummary,
    ModelTerms,
)
from appliance.errors import BadRequest, GatewayNotRunning
from tests.admin.fake_box import sample

SHA256 = "a1" * 32
TERMS = ModelTerms(
    model="m",
    expression="LicenseRef-study",
    title="Study license",
    tier="approved",
    text_sha256=SHA256,
    acceptance="person",
    uses_allowed=("Study.",),
    uses_denied=("Harm.", "Sale."),
    redistribution="same-terms",
    derivatives="no",
    attribution="Name the lab.",
    output_terms="Yours.",
    needs_grant=True,
    needs_lease=True,
    on_lapse="finish",
    on_revocation="delete",
    grants=2,
    lacks="acceptance",
    next_step="Accept it with `carrel license accept m`.",
)
ACCEPT = ("license", "accept", "m", "--who", "Dr. A", "--authority", "head", "--purpose", "study")


@pytest.fixture
def typed(carrel, monkeypatch):
    """A person at a terminal, who answers whatever is asked with this."""
    carrel.more["asks"] = True

    def answer(text: str):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
        return carrel

    return answer


@pytest.fixture
def shown(box):
    box.handlers.answers["license.show"] = LicenseDetail(terms=TERMS, acceptances=(), text="Do no harm.")


def given(box) -> dict:
    return dict(box.handlers.calls).get("license.accept", {})


def test_a_person_reads_the_text_and_accepts_it(typed, box, shown):
    done = typed("y")(*ACCEPT)
    assert done.code == 0, done.err
    assert "Do no harm." in done.err
    assert given(box)["text"] == SHA256


def test_a_no_accepts_nothing(typed, box, shown):
    assert typed("n")(*ACCEPT).code == 130
    assert given(box) == {}


def test_whoever_gives_the_hash_has_read_it(typed, box, shown):
    assert typed("n")(*ACCEPT, "--text", SHA256[:12]).code == 0
    assert given(box)["text"] == SHA256[:12]


def test_a_program_is_not_asked_and_must_give_the_hash(carrel, box, shown):
    box.handlers.answers["license.accept"] = BadRequest("Read the text first.", param="text")
    assert carrel(*ACCEPT).code == 2
    assert given(box)["text"] is None


def test_terms_are_told_in_plain_words(capsys):
    present(msgspec.structs.replace(sample(ModelDetail), terms=TERMS))
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for line in (
        "license Study license (LicenseRef-study), tier approved",
        "you may Study.",
        "you may not Harm.",
        "you may not Sale.",
        "copies may be given to others: yes, under the same terms",
        "changed versions may be made: no",
        "name them Name the lab.",
        "outputs Yours.",
        "is accepted for this box, and by every person who uses the model",
        f"text SHA-256 {SHA256}",
        "grants each project needs one; 2 have it",
        "lease none",
        "if taken back the files are deleted",
        "missing Accept it with `carrel license accept m`.",
    ):
        assert line in told


def test_who_accepted_is_told(capsys):
    accepted = msgspec.structs.replace(sample(AcceptanceSummary), accepted_ms=0)
    terms = msgspec.structs.replace(TERMS, accepted=accepted, lacks=None, next_step=None)
    present(LicenseDetail(terms=terms, acceptances=(accepted,), note="It is not served any more."))
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith("It is not served any more.")
    assert "accepted 1970-01-01 00:00 UTC by text (text), for: text" in told


def test_an_open_license_is_three_lines(capsys):
    simple = {"uses_allowed": (), "uses_denied": (), "attribution": "", "output_terms": ""}
    simple |= {"acceptance": "none", "needs_grant": False, "needs_lease": False, "next_step": None}
    present(LicenseDetail(terms=msgspec.structs.replace(TERMS, **simple), acceptances=()))
    assert len(capsys.readouterr().out.splitlines()) == 4


@pytest.mark.parametrize(
    ("lacks", "said"),
    [("acceptance", "license not accepted"), ("grant", "no grant"), ("lease", "no lease")],
)
def test_the_list_marks_a_model_that_lacks_something(capsys, lacks, said):
    line = msgspec.structs.replace(sample(ModelSummary), lacks=lacks)
    present(ModelList(models=(line,)))
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("listed", "verdict", "word"),
    [
        (GatewayNotRunning("down"), "ok", "does not run"),
        (LicenseList(models=(), not_believed=0), "ok", "0 licenses accepted"),
        (LicenseList(models=(), not_believed=2), "warn", "2 acceptances are not what"),
        (
            LicenseList(models=(msgspec.structs.replace(sample(LicenseLine), lacks=None),), not_believed=0),
            "ok",
            "1 licenses accepted",
        ),
    ],
)
def test_the_doctor_says_where_an_acceptance_is_not_believed(listed, verdict, word):
    check = licenses(listed)
    assert (check.state, word in check.reason) == (verdict, True)


def test_records_that_do_not_count_are_told_with_the_list(capsys):
    present(LicenseList(models=(), not_believed=3))
    assert "3 acceptances are not what this box's key signed" in capsys.readouterr().out
