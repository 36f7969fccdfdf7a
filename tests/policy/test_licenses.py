"""The rule of licenses: what is missing first, and what to do about it, word by word."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.license import Acceptance, Lease, LicenseTerms, Standing
from appliance.policy.licenses import ALLOWED, Act, decide, needs_nothing

NOW_MS = 1_000_000
ALL, HELD = frozenset(Act), frozenset({Act.LOAD, Act.ANSWER})
BOXES = frozenset({Act.PULL, Act.LOAD})
TEXT, OLD = "a1" * 32, "b2" * 32
OPEN = LicenseTerms("Apache-2.0")
BOX = LicenseTerms("LicenseRef-box", text_sha256=TEXT, acceptance="institution")
EACH = replace(BOX, acceptance="person")
LEASED = LicenseTerms("LicenseRef-leased", lease=True)


def accepted(text=TEXT, person="", model="m", withdrawn_ms=None):
    return Acceptance("acc_1", model, text, person, "Dr. A", "head", "study", 1, "", withdrawn_ms)


def lease(state, model="m"):
    return Standing(lease=Lease(model, state, NOW_MS))


def ask(terms, act=Act.ANSWER, standing=Standing(), person=""):  # noqa: B008 - frozen
    return decide("m", terms, act=act, standing=standing, person=person)


HERE = Standing(institution=(accepted(),))


@pytest.mark.parametrize("act", Act)
def test_an_openly_licensed_model_needs_nothing(act):
    assert ask(OPEN, act) == ALLOWED


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize(
    ("terms", "standing", "allowed"),
    [
        (BOX, HERE, ALL),
        (BOX, Standing(), set()),
        (BOX, Standing(institution=(accepted(OLD),)), set()),
        (BOX, Standing(institution=(accepted(withdrawn_ms=5),)), set()),
        (BOX, Standing(institution=(accepted(model="other"),)), set()),
        (BOX, Standing(institution=(accepted(person="ada"),)), set()),
        (BOX, Standing(institution=(accepted(OLD), accepted())), ALL),
        (replace(BOX, text_sha256=""), Standing(institution=(accepted(""),)), set()),
        (EACH, HERE, BOXES),
        (EACH, Standing(personal=(accepted(person="ada"),)), set()),
        (EACH, replace(HERE, personal=(accepted(person="ada"),)), ALL),
        (EACH, replace(HERE, personal=(accepted(OLD, "ada"),)), BOXES),
        (EACH, replace(HERE, personal=(accepted(person="bob"),)), BOXES),
        (
            EACH,
            replace(HERE, personal=(accepted(person="ada", withdrawn_ms=1),)),
            {Act.PULL, Act.LOAD},
        ),
        (LEASED, Standing(), set()),
        (LEASED, lease("valid"), ALL),
        (LEASED, lease("valid", "other"), set()),
        (LEASED, lease("grace"), HELD),
        (LEASED, lease("lapsed"), set()),
        (LEASED, lease("suspended"), set()),
        (LEASED, lease("revoked"), set()),
    ],
)
def test_what_is_allowed(terms, standing, allowed, act):
    found = ask(terms, act, standing, person="ada")
    assert found.allowed == (act in allowed)
    assert bool(found.message) == bool(found.lacks) == (not found.allowed)


HOW = (
    "Read it with `carrel license show m --text`, then `carrel license accept m --text a1a1a1a1a1a1 "
    "--who NAME --authority ROLE --purpose TEXT`."
)


SAID = {
    "acceptance": (
        (BOX, Act.PULL, Standing()),
        f"The license of m has to be accepted first. {HOW}",
    ),
    "acceptance of the new text": (
        (BOX, Act.LOAD, Standing(institution=(accepted(OLD),))),
        f"The license text of m has changed; read and accept it again. {HOW}",
    ),
    "acceptance, to a student": (
        (BOX, Act.ANSWER, Standing()),
        (
            "Nobody has accepted the license of m for this box. Ask who runs the box: `carrel license show "
            "m` says what has to be done."
        ),
    ),
    "acceptance of the new text, to a student": (
        (BOX, Act.ANSWER, Standing(institution=(accepted(OLD),))),
        (
            "The license text of m has changed and is not accepted yet. Ask who runs the box: "
            "`carrel license show m` says what has to be done."
        ),
    ),
    "personal_acceptance": (
        (EACH, Act.ANSWER, HERE),
        (
            "Everybody who uses m has to accept its license: `GET /v1/me/licenses` shows the text, and "
            '`POST /v1/me/licenses` with {"model": "m", "text_sha256": "a1a1a1a1a1a1", "purpose": "…"} '
            "accepts it."
        ),
    ),
    "personal_acceptance of the new text": (
        (EACH, Act.ANSWER, replace(HERE, personal=(accepted(OLD, "ada"),))),
        (
            "The license text of m has changed; read and accept it again: `GET /v1/me/licenses` shows the "
            'text, and `POST /v1/me/licenses` with {"model": "m", "text_sha256": "a1a1a1a1a1a1", '
            '"purpose": "…"} accepts it.'
        ),
    ),
    "lease": (
        (LEASED, Act.LOAD, Standing()),
        (
            "m is used only under a lease of its registry, and this box has none. To go on, get one from "
            "the registry (`carrel fed lease m`), or take one in with `carrel license lease FILE`."
        ),
    ),
    "lease in its days of grace": (
        (LEASED, Act.PULL, lease("grace")),
        (
            "m is used only under a lease of its registry, and this box's has run out: what is installed is "
            "served for some days more. To go on, get one from the registry (`carrel fed lease m`), or take "
            "one in with `carrel license lease FILE`."
        ),
    ),
    "lease, to a student": (
        (LEASED, Act.ANSWER, lease("revoked")),
        (
            "m is used only under a lease of its registry, and this box's was revoked. Ask who runs the box "
            "to get one from the registry (`carrel fed lease m`), or take one in with `carrel license lease "
            "FILE`."
        ),
    ),
}


@pytest.mark.parametrize("lacking", SAID)
def test_a_refusal_says_exactly_what_to_do(lacking):
    (terms, act, standing), words = SAID[lacking]
    found = ask(terms, act, standing, person="ada" if act is Act.ANSWER else "")
    assert (found.lacks, found.message) == (lacking.split(",")[0].split()[0], words)


def test_what_only_the_caller_can_mend_is_named_last():
    terms = replace(EACH, lease=True)
    standing = Standing()
    order = []
    for more in (
        {"institution": (accepted(),)},
        {"lease": Lease("m", "valid", NOW_MS)},
        {"personal": (accepted(person="ada"),)},
    ):
        order.append(ask(terms, standing=standing, person="ada").lacks)
        standing = replace(standing, **more)
    assert order == ["acceptance", "lease", "personal_acceptance"]
    assert ask(terms, standing=standing, person="ada") == ALLOWED


TEXTS = st.sampled_from(["", TEXT, OLD])
ACCEPTANCES = st.builds(
    accepted,
    text=TEXTS,
    person=st.sampled_from(["", "ada", "bob"]),
    model=st.sampled_from(["m", "other"]),
    withdrawn_ms=st.none() | st.integers(0, 2 * NOW_MS),
)
LEASES = st.builds(
    Lease,
    model=st.sampled_from(["m", "other"]),
    state=st.sampled_from(["valid", "grace", "lapsed", "suspended", "revoked"]),
    until_ms=st.integers(0, 2 * NOW_MS),
)
STANDINGS = st.builds(
    Standing,
    institution=st.lists(ACCEPTANCES, max_size=3).map(tuple),
    personal=st.lists(ACCEPTANCES, max_size=3).map(tuple),
    lease=st.none() | LEASES,
)
TERMS = st.builds(
    LicenseTerms,
    expression=st.just("X"),
    text_sha256=TEXTS,
    acceptance=st.sampled_from(["none", "institution", "person"]),
    lease=st.booleans(),
)
PEOPLE = st.sampled_from(["", "ada"])


@given(TERMS, STANDINGS, PEOPLE)
def test_whoever_may_have_answers_may_load_and_no_refusal_is_silent(terms, standing, person):
    found = {act: ask(terms, act, standing, person=person) for act in Act}
    if found[Act.ANSWER].allowed or found[Act.PULL].allowed:
        assert found[Act.LOAD].allowed
    for one in found.values():
        assert one.allowed == (not one.lacks) == (not one.message)
    if needs_nothing(terms):
        assert set(found.values()) == {ALLOWED}


def counts(one, person):
    return one.model == "m" and one.withdrawn_ms is None and one.person == person


@given(TERMS, STANDINGS, st.sampled_from(Act))
def test_nothing_is_allowed_that_was_withdrawn_or_is_another_models(terms, standing, act):
    good = Standing(
        institution=tuple(one for one in standing.institution if counts(one, "")),
        personal=tuple(one for one in standing.personal if counts(one, "ada")),
        lease=standing.lease if standing.lease and standing.lease.model == "m" else None,
    )
    whole = ask(terms, act, standing, person="ada")
    clean = ask(terms, act, good, person="ada")
    assert (whole.allowed, whole.lacks) == (clean.allowed, clean.lacks)
