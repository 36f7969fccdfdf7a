"""The rule of licenses: what is missing first, and what to do about it, word by word."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.license import Acceptance, Grant, Lease, LicenseTerms, Standing
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


def ask(terms, act=Act.ANSWER, standing=Standing(), tier="open", **caller):  # noqa: B008 - frozen
    return decide("m", terms, tier, act=act, standing=standing, now_ms=NOW_MS, **caller)


HERE = Standing(institution=(accepted(),))
GRANTED = Standing(grants=(Grant("m", "nlp", None),))


@pytest.mark.parametrize("tier", ["open", "registered"])
@pytest.mark.parametrize("act", Act)
def test_an_openly_licensed_model_needs_nothing(act, tier):
    assert ask(OPEN, act, tier=tier) == ALLOWED


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize(
    ("terms", "standing", "tier", "allowed"),
    [
        (BOX, HERE, "open", ALL),
        (BOX, Standing(), "open", set()),
        (BOX, Standing(institution=(accepted(OLD),)), "open", set()),
        (BOX, Standing(institution=(accepted(withdrawn_ms=5),)), "open", set()),
        (BOX, Standing(institution=(accepted(model="other"),)), "open", set()),
        (BOX, Standing(institution=(accepted(person="ada"),)), "open", set()),
        (BOX, Standing(institution=(accepted(OLD), accepted())), "open", ALL),
        (replace(BOX, text_sha256=""), Standing(institution=(accepted(""),)), "open", set()),
        (EACH, HERE, "open", BOXES),
        (EACH, Standing(personal=(accepted(person="ada"),)), "open", set()),
        (EACH, replace(HERE, personal=(accepted(person="ada"),)), "open", ALL),
        (EACH, replace(HERE, personal=(accepted(OLD, "ada"),)), "open", BOXES),
        (EACH, replace(HERE, personal=(accepted(person="bob"),)), "open", BOXES),
        (
            EACH,
            replace(HERE, personal=(accepted(person="ada", withdrawn_ms=1),)),
            "open",
            {Act.PULL, Act.LOAD},
        ),
        (OPEN, Standing(), "approved", set()),
        (OPEN, Standing(), "restricted", set()),
        (OPEN, GRANTED, "restricted", ALL),
        (OPEN, Standing(grants=(Grant("m", "vision", None),)), "approved", BOXES),
        (OPEN, Standing(grants=(Grant("other", "nlp", None),)), "approved", set()),
        (OPEN, Standing(grants=(Grant("m", "nlp", NOW_MS),)), "approved", set()),
        (
            OPEN,
            Standing(grants=(Grant("m", "nlp", NOW_MS + 1),)),
            "approved",
            ALL,
        ),
        (LEASED, Standing(), "open", set()),
        (LEASED, lease("valid"), "open", ALL),
        (LEASED, lease("valid", "other"), "open", set()),
        (LEASED, lease("grace"), "open", HELD),
        (LEASED, lease("lapsed"), "open", set()),
        (LEASED, lease("suspended"), "open", set()),
        (LEASED, lease("revoked"), "open", set()),
    ],
)
def test_what_is_allowed(terms, standing, tier, allowed, act):
    found = ask(terms, act, standing, tier, person="ada", project="nlp")
    assert found.allowed == (act in allowed)
    assert bool(found.message) == bool(found.lacks) == (not found.allowed)


HOW = (
    "Read it with `carrel license show m --text`, then `carrel license accept m --text a1a1a1a1a1a1 "
    "--who NAME --authority ROLE --purpose TEXT`."
)


SAID = {
    "acceptance": (
        (BOX, Act.PULL, Standing(), "open"),
        f"The license of m has to be accepted first. {HOW}",
    ),
    "acceptance of the new text": (
        (BOX, Act.LOAD, Standing(institution=(accepted(OLD),)), "open"),
        f"The license text of m has changed; read and accept it again. {HOW}",
    ),
    "acceptance, to a student": (
        (BOX, Act.ANSWER, Standing(), "open"),
        (
            "Nobody has accepted the license of m for this box. Ask who runs the box: `carrel license show "
            "m` says what has to be done."
        ),
    ),
    "acceptance of the new text, to a student": (
        (BOX, Act.ANSWER, Standing(institution=(accepted(OLD),)), "open"),
        (
            "The license text of m has changed and is not accepted yet. Ask who runs the box: "
            "`carrel license show m` says what has to be done."
        ),
    ),
    "personal_acceptance": (
        (EACH, Act.ANSWER, HERE, "open"),
        (
            "Everybody who uses m has to accept its license: `GET /v1/me/licenses` shows the text, and "
            '`POST /v1/me/licenses` with {"model": "m", "text_sha256": "a1a1a1a1a1a1", "purpose": "…"} '
            "accepts it."
        ),
    ),
    "personal_acceptance of the new text": (
        (EACH, Act.ANSWER, replace(HERE, personal=(accepted(OLD, "ada"),)), "open"),
        (
            "The license text of m has changed; read and accept it again: `GET /v1/me/licenses` shows the "
            'text, and `POST /v1/me/licenses` with {"model": "m", "text_sha256": "a1a1a1a1a1a1", '
            '"purpose": "…"} accepts it.'
        ),
    ),
    "grant": (
        (OPEN, Act.PULL, Standing(), "approved"),
        (
            "m is of tier approved, and no project has a grant for it. `carrel access grant m --project "
            "PROJECT` gives one."
        ),
    ),
    "grant that has run out": (
        (OPEN, Act.LOAD, Standing(grants=(Grant("m", "nlp", 1),)), "restricted"),
        (
            "m is of tier restricted, and every grant for it has run out. "
            "`carrel access grant m --project PROJECT` gives one."
        ),
    ),
    "grant, to a student": (
        (OPEN, Act.ANSWER, Standing(), "approved"),
        (
            "m is of tier approved, and this project's grant is missing. Ask who runs the box: "
            "`carrel access grant m --project nlp`."
        ),
    ),
    "grant that has run out, to a student": (
        (OPEN, Act.ANSWER, Standing(grants=(Grant("m", "nlp", 1),)), "approved"),
        (
            "m is of tier approved, and this project's grant has run out. Ask who runs the box: "
            "`carrel access grant m --project nlp`."
        ),
    ),
    "lease": (
        (LEASED, Act.LOAD, Standing(), "open"),
        (
            "m is used only under a lease of its registry, and this box has none. To go on, get one from "
            "whoever keeps the registry."
        ),
    ),
    "lease in its days of grace": (
        (LEASED, Act.PULL, lease("grace"), "open"),
        (
            "m is used only under a lease of its registry, and this box's has run out: what is installed is "
            "served for some days more. To go on, get one from whoever keeps the registry."
        ),
    ),
    "lease, to a student": (
        (LEASED, Act.ANSWER, lease("revoked"), "open"),
        (
            "m is used only under a lease of its registry, and this box's was revoked. Ask who runs the box "
            "to get one from whoever keeps the registry."
        ),
    ),
}


@pytest.mark.parametrize("lacking", SAID)
def test_a_refusal_says_exactly_what_to_do(lacking):
    (terms, act, standing, tier), words = SAID[lacking]
    caller = {"person": "ada", "project": "nlp"} if act is Act.ANSWER else {}
    found = ask(terms, act, standing, tier, **caller)
    assert (found.lacks, found.message) == (lacking.split(",")[0].split()[0], words)


def test_what_only_the_caller_can_mend_is_named_last():
    terms = replace(EACH, lease=True)
    standing = Standing()
    order = []
    for more in (
        {"institution": (accepted(),)},
        {"grants": (Grant("m", "nlp", None),)},
        {"lease": Lease("m", "valid", NOW_MS)},
        {"personal": (accepted(person="ada"),)},
    ):
        order.append(ask(terms, standing=standing, tier="approved", person="ada", project="nlp").lacks)
        standing = replace(standing, **more)
    assert order == ["acceptance", "grant", "lease", "personal_acceptance"]
    assert ask(terms, standing=standing, tier="approved", person="ada", project="nlp") == ALLOWED


TEXTS = st.sampled_from(["", TEXT, OLD])
ACCEPTANCES = st.builds(
    accepted,
    text=TEXTS,
    person=st.sampled_from(["", "ada", "bob"]),
    model=st.sampled_from(["m", "other"]),
    withdrawn_ms=st.none() | st.integers(0, 2 * NOW_MS),
)
GRANTS = st.builds(
    Grant,
    model=st.sampled_from(["m", "other"]),
    project_id=st.sampled_from(["nlp", "vision"]),
    until_ms=st.none() | st.integers(NOW_MS - 2, NOW_MS + 2),
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
    grants=st.lists(GRANTS, max_size=3).map(tuple),
    lease=st.none() | LEASES,
)
TERMS = st.builds(
    LicenseTerms,
    expression=st.just("X"),
    text_sha256=TEXTS,
    acceptance=st.sampled_from(["none", "institution", "person"]),
    lease=st.booleans(),
)
TIERS = st.sampled_from(["open", "registered", "approved", "restricted", "unheard-of"])
PEOPLE = st.sampled_from(["", "ada"])


@given(TERMS, TIERS, STANDINGS, PEOPLE)
def test_whoever_may_have_answers_may_load_and_no_refusal_is_silent(terms, tier, standing, person):
    found = {act: ask(terms, act, standing, tier, person=person, project="nlp") for act in Act}
    if found[Act.ANSWER].allowed or found[Act.PULL].allowed:
        assert found[Act.LOAD].allowed
    for one in found.values():
        assert one.allowed == (not one.lacks) == (not one.message)
    if needs_nothing(terms, tier):
        assert set(found.values()) == {ALLOWED}


def counts(one, person):
    return one.model == "m" and one.withdrawn_ms is None and one.person == person


@given(TERMS, TIERS, STANDINGS, st.sampled_from(Act))
def test_nothing_is_allowed_that_was_withdrawn_has_run_out_or_is_another_models(terms, tier, standing, act):
    good = Standing(
        institution=tuple(one for one in standing.institution if counts(one, "")),
        personal=tuple(one for one in standing.personal if counts(one, "ada")),
        grants=tuple(one for one in standing.grants if one.model == "m" and (one.until_ms or 2e9) > NOW_MS),
        lease=standing.lease if standing.lease and standing.lease.model == "m" else None,
    )
    whole = ask(terms, act, standing, tier, person="ada", project="nlp")
    clean = ask(terms, act, good, tier, person="ada", project="nlp")
    assert (whole.allowed, whole.lacks) == (clean.allowed, clean.lacks)
