"""Refusals of the rule of tiers, word by word: which rule, why, whom it waits for, and the next step."""

from dataclasses import replace

import pytest

from appliance.domain.access import Application, EarlyStage
from tests.policy.access_facts import (
    ADA,
    DAY_MS,
    FACTS,
    GRANTED,
    LAB,
    NOBODY,
    NOW_MS,
    OLD,
    PROF,
    STUDENT,
    ask,
    grant,
    signed,
)

SAID = {
    "agreement, of nobody's key": (
        ("registered", replace(FACTS, signatures=()), replace(NOBODY, project=replace(LAB, purpose=""))),
        "operator",
        (
            "m is of tier registered, which wants the code of conduct signed. This key is of nobody in "
            "particular, so who runs the box signs for the project: `carrel agreement sign --project "
            "nlp --who NAME --text a1a1a1a1a1a1 --purpose TEXT`, after `carrel agreement show`."
        ),
    ),
    "agreement, of a student": (
        ("registered", replace(FACTS, signatures=()), STUDENT),
        "lead",
        (
            "m is of tier registered, which wants the code of conduct signed. A lead of cs50 (prof) "
            "signs once for the whole course. Without them: `POST /v1/me/agreement/show` shows the "
            'text, and `POST /v1/me/agreement/sign` with {"text": "a1a1a1a1a1a1"} signs it for '
            "yourself."
        ),
    ),
    "agreement, of a teacher": (
        ("registered", replace(FACTS, signatures=()), PROF),
        "you",
        (
            "m is of tier registered, which wants the code of conduct signed. `POST "
            '/v1/me/agreement/show` shows it, and `POST /v1/me/agreement/sign` with {"text": '
            '"a1a1a1a1a1a1"} signs it for the whole course.'
        ),
    ),
    "agreement, that has changed": (
        ("registered", replace(FACTS, signatures=(signed(text=OLD),)), ADA),
        "you",
        (
            "m is of tier registered, and the code of conduct has changed since it was signed. `POST "
            '/v1/me/agreement/show` shows it, and `POST /v1/me/agreement/sign` with {"text": '
            '"a1a1a1a1a1a1"} signs it.'
        ),
    ),
    "purpose, of a member": (
        ("registered", FACTS, replace(ADA, project=replace(LAB, purpose=""))),
        "lead",
        (
            "m is of tier registered, and project nlp does not say yet what it does with models. Ask "
            "its lead: pi."
        ),
    ),
    "purpose, of a lead": (
        ("registered", FACTS, replace(ADA, part="lead", project=replace(LAB, purpose=""))),
        "you",
        (
            "m is of tier registered, and project nlp does not say yet what it does with models. `POST "
            '/v1/me/agreement/sign` with {"text": "…", "purpose": "…"} says it; `POST '
            "/v1/me/agreement/show` tells the digits of the text."
        ),
    ),
    "purpose, without a lead": (
        ("registered", FACTS, replace(ADA, leads=(), project=replace(LAB, purpose=""))),
        "operator",
        (
            "m is of tier registered, and project nlp does not say yet what it does with models. Ask "
            "who runs the box: `carrel project set nlp --purpose TEXT`."
        ),
    ),
    "grant": (
        ("approved", FACTS, ADA),
        "reviewer",
        (
            "m is of tier approved, and the grant of project nlp is missing. Apply: `POST "
            '/v1/me/access/apply` with {"model": "m", "affiliation": "…", "intended_use": "…", '
            '"publications": "…", "agreement": "c3c3c3c3c3c3"}; `POST /v1/me/agreement/show` with '
            '{"kind": "access"} shows what you agree to. A reviewer decides.'
        ),
    ),
    "grant, of nobody's key": (
        ("approved", replace(FACTS, signatures=(signed("", for_project=True),)), NOBODY),
        "reviewer",
        (
            "m is of tier approved, and the grant of project nlp is missing. Ask who runs the box: "
            "`carrel access grant m --project nlp`."
        ),
    ),
    "grant, that ran out and was asked for": (
        (
            "approved",
            replace(
                FACTS,
                grants=(grant(until_ms=NOW_MS - DAY_MS),),
                application=Application("app_1", "nlp", "ada", "m", "", "", "", "", "", NOW_MS),
            ),
            ADA,
        ),
        "reviewer",
        (
            "m is of tier approved, and the grant of project nlp ran out on 2026-09-20. Application "
            "app_1 of 2026-09-21 waits for a reviewer: `carrel access show app_1`."
        ),
    ),
    "countersignature": (
        ("restricted", GRANTED, ADA),
        "registry",
        (
            "m is of tier restricted, and the registry's countersignature of grant grt_1 of project "
            "nlp is missing. Ask who runs the box: `carrel access list` and `carrel license leases` "
            "show what the registry signs, `carrel access countersign FILE` takes its answer."
        ),
    ),
    "early": (
        ("open", replace(FACTS, early=EarlyStage("m", 36, NOW_MS + DAY_MS)), ADA),
        "operator",
        (
            "m is in early access for a named group until 2026-09-22, and you are not in it. Ask who "
            "runs the box: `carrel early add m --person ada`."
        ),
    ),
    "early, that is over": (
        ("open", replace(FACTS, early=EarlyStage("m", 36, NOW_MS, ("ada",))), ADA),
        "operator",
        (
            "The early access to m ended on 2026-09-21, and it is not released yet. Ask who runs the "
            "box: `carrel early start m --days N` prolongs it, `carrel early end m` releases the model."
        ),
    ),
}


@pytest.mark.parametrize("lacking", SAID)
def test_a_refusal_says_which_rule_why_whom_it_waits_for_and_the_next_step(lacking):
    (tier, facts, asker), waits_for, words = SAID[lacking]
    found = ask(tier, facts, asker)
    assert (found.lacks, found.waits_for, found.message) == (lacking.split(",")[0], waits_for, words)
