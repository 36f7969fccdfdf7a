"""Refusals of the rule of tiers: which rule, why, whom it waits for, and the next step of whoever asks."""

from appliance.domain.access import AccessDecision, AccessFacts, Asker, EarlyStage, Grant, WaitsFor
from appliance.domain.countersigning import AskedOfRegistry
from appliance.domain.days import day_text as day
from appliance.policy.access.agreements import DIGITS
from appliance.policy.access.registry_words import NO_REGISTRY, standing


def early_over(model: str, stage: EarlyStage) -> AccessDecision:
    """The stage has run out, and nobody has said what follows."""
    return AccessDecision(
        "early",
        "operator",
        f"The early access to {model} ended on {day(stage.until_ms)}, and it is not released yet. Ask who "
        f"runs the box: `carrel early start {model} --days N` prolongs it, `carrel early end {model}` "
        "releases the model.",
    )


def not_in_early_group(model: str, stage: EarlyStage, asker: Asker) -> AccessDecision:
    """It is for others for now."""
    step = f"`carrel early add {model} --person {asker.person or 'PERSON'}`"
    nobody = "" if asker.person else " This key is of nobody in particular, so it is in no group."
    return AccessDecision(
        "early",
        "operator",
        f"{model} is in early access for a named group until {day(stage.until_ms)}, and you are not in "
        f"it.{nobody} Ask who runs the box: {step}.",
    )


def not_signed(model: str, tier: str, asker: Asker, conduct: str, *, before: bool) -> AccessDecision:
    """The code of conduct is not signed, or only an older text of it."""
    digits = conduct[:DIGITS]
    why = (
        f"{model} is of tier {tier}, and the code of conduct has changed since it was signed."
        if before
        else f"{model} is of tier {tier}, which wants the code of conduct signed."
    )
    project = asker.project
    if not asker.person:
        purpose = "" if project.purpose else " --purpose TEXT"
        return AccessDecision(
            "agreement",
            "operator",
            f"{why} This key is of nobody in particular, so who runs the box signs for the project: "
            f"`carrel agreement sign --project {project.id} --who NAME --text {digits}{purpose}`, after "
            "`carrel agreement show`.",
        )
    sign = f'`POST /v1/me/agreement/sign` with {{"text": "{digits}"}} signs it'
    if project.kind == "course" and asker.part != "lead":
        who = ", ".join(asker.leads[:3]) or "none yet"
        return AccessDecision(
            "agreement",
            "lead",
            f"{why} A lead of {project.id} ({who}) signs once for the whole course. Without them: `POST "
            f"/v1/me/agreement/show` shows the text, and {sign} for yourself.",
            own_act=True,
        )
    rest = " for the whole course" if project.kind == "course" else ""
    return AccessDecision(
        "agreement",
        "you",
        f"{why} `POST /v1/me/agreement/show` shows it, and {sign}{rest}.",
        own_act=True,
    )


def no_purpose(model: str, tier: str, asker: Asker) -> AccessDecision:
    """Nobody has said what the project does."""
    project = asker.project.id
    why = f"{model} is of tier {tier}, and project {project} does not say yet what it does with models."
    if asker.part == "lead":
        return AccessDecision(
            "purpose",
            "you",
            f'{why} `POST /v1/me/agreement/sign` with {{"text": "…", "purpose": "…"}} says it; `POST '
            "/v1/me/agreement/show` tells the digits of the text.",
            own_act=True,
        )
    if asker.person and asker.leads:
        return AccessDecision("purpose", "lead", f"{why} Ask its lead: {', '.join(asker.leads[:3])}.")
    step = f"`carrel project set {project} --purpose TEXT`"
    return AccessDecision("purpose", "operator", f"{why} Ask who runs the box: {step}.")


def no_grant(model: str, tier: str, asker: Asker, facts: AccessFacts, last: Grant | None) -> AccessDecision:
    """The project has none for this model, or it has run out, or one was asked for."""
    project = asker.project.id
    lost = "is missing"
    if last is not None and last.until_ms is not None:
        lost = f"ran out on {day(last.until_ms)}"
    why = f"{model} is of tier {tier}, and the grant of project {project} {lost}."
    asked = facts.application
    if asked is not None:
        return AccessDecision(
            "grant",
            "reviewer",
            f"{why} Application {asked.id} of {day(asked.applied_ms)} waits for a reviewer: `carrel access "
            f"show {asked.id}`.",
        )
    if not asker.person:
        step = f"`carrel access grant {model} --project {project}`"
        return AccessDecision("grant", "reviewer", f"{why} Ask who runs the box: {step}.")
    return AccessDecision(
        "grant",
        "reviewer",
        f'{why} Apply: `POST /v1/me/access/apply` with {{"model": "{model}", "affiliation": "…", '
        f'"intended_use": "…", "publications": "…", "agreement": "{facts.agreement[:DIGITS]}"}}; `POST '
        '/v1/me/agreement/show` with {"kind": "access"} shows what you agree to. A reviewer decides.',
    )


def no_grant_anywhere(model: str, tier: str, *, over: bool) -> str:
    """For whoever fetches or starts it."""
    lost = "every grant for it has run out" if over else "no project has a grant for it"
    return (
        f"{model} is of tier {tier}, and {lost}. `carrel access grant {model} --project PROJECT` gives one; "
        "`carrel access queue` shows who has applied."
    )


def no_countersignature(model: str, asker: Asker, grant: Grant, facts: AccessFacts) -> AccessDecision:
    """The registry has not said yes to the grant, or no longer does."""
    had = any(one.grant == grant.id and one.model == model for one in facts.countersigned)
    lost = "has run out" if had else "is missing"
    why = (
        f"{model} is of tier restricted, and the registry's countersignature of grant {grant.id} of project "
        f"{asker.project.id} {lost}"
    )
    if facts.registry == "enrolled":
        return _ask_registry(why, asker, grant, facts.asked)
    return AccessDecision(
        "countersignature",
        "registry",
        f"{why}. Ask who runs the box: `carrel access list` and `carrel license "
        "leases` show what the registry signs, `carrel access countersign FILE` takes its answer.",
        grant=grant,
    )


def _ask_registry(why: str, asker: Asker, grant: Grant, asked: AskedOfRegistry | None) -> AccessDecision:
    told = standing(asked, presence="enrolled", application=grant.application, until_ms=None)
    waits_for: WaitsFor = "registry"
    if not grant.application:
        waits_for = "reviewer"
    elif asked is None or asked.state in {"shown", "yes", "refused"}:
        waits_for = "you" if asked is not None and asked.person == asker.person else "applicant"
        told = (
            f'{told}. By key, `POST /v1/me/access/preview` with {{"id": "{grant.application}"}} shows it, '
            "and `POST /v1/me/access/agree` lets it leave"
        )
    return AccessDecision("countersignature", waits_for, f"{why}: {told}.", grant=grant)


def reviewers_word(model: str) -> str:
    """For whoever may use it although nobody countersigned."""
    return f"{model} is of tier restricted, and {NO_REGISTRY}."


def notices(model: str, facts: AccessFacts, *, changes: bool) -> tuple[str, ...]:
    """What somebody who may use it should know."""
    found = []
    if facts.early is not None:
        found.append(
            f"{model} is in early access until {day(facts.early.until_ms)}: what is wrong with it is wanted, "
            "by POST /v1/reports."
        )
    if changes:
        found.append(
            f"The code of conduct has a new text, which asks from {day(facts.asks_from_ms)} on: POST "
            "/v1/me/agreement/show."
        )
    return tuple(found)
