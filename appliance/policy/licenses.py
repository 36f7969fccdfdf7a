"""The one rule of licenses: what may be done with a model under its terms, and what is missing. Pure.

Acceptances, grants and leases are values here; where they come from others know.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from appliance.domain.license import Acceptance, LicenseTerms, Standing

HASH_DIGITS: Final = 12
"""So many first hex digits of a text's SHA-256 show that somebody had the text before them."""

Lacks = Literal["", "acceptance", "personal_acceptance", "grant", "lease"]
_WITH_GRANT: Final = frozenset({"approved", "restricted"})


class Act(StrEnum):
    """What somebody is about to do with a model."""

    PULL = "pull"
    """Fetch its files."""
    LOAD = "load"
    """Start it."""
    ANSWER = "answer"
    """Have it answer a request."""


@dataclass(frozen=True, slots=True)
class Decision:
    """``lacks`` is the first thing that is missing; ``message`` says what to do about it."""

    allowed: bool
    lacks: Lacks = ""
    message: str = ""


ALLOWED: Final = Decision(True)


def needs_nothing(terms: LicenseTerms, tier: str) -> bool:
    """Whether a model is open to everybody, whatever was accepted, granted or leased."""
    return terms.acceptance == "none" and tier not in _WITH_GRANT and not terms.lease


def needs_grant(tier: str) -> bool:
    """Whether projects need a grant for models of this tier."""
    return tier in _WITH_GRANT


def decide(
    model: str,
    terms: LicenseTerms,
    tier: str,
    *,
    act: Act,
    standing: Standing,
    now_ms: int,
    person: str = "",
    project: str = "",
) -> Decision:
    """Whether ``act`` may be done with ``model`` (a recipe's id) now. ``person`` and ``project`` are the
    caller's, of a request.

    What has run out at ``now_ms`` counts no more. What only the caller can mend comes last.
    """
    if needs_nothing(terms, tier):
        return ALLOWED
    lacking: list[tuple[Lacks, str]] = [
        ("acceptance", _institution(model, terms, act, standing)),
        ("grant", _grant(model, tier, act, standing, now_ms=now_ms, project=project)),
        ("lease", _lease(model, terms, act, standing)),
        ("personal_acceptance", _personal(model, terms, act, standing, person)),
    ]
    return next((Decision(False, lacks, message) for lacks, message in lacking if message), ALLOWED)


def _institution(model: str, terms: LicenseTerms, act: Act, standing: Standing) -> str:
    if terms.acceptance == "none":
        return ""
    if not terms.text_sha256:
        return f"The recipe of {model} names no license text, so nobody can accept it. Complete the recipe."
    given = [one for one in standing.institution if _holds(one, model, "")]
    if any(one.text_sha256 == terms.text_sha256 for one in given):
        return ""
    return _changed(model, terms, act) if given else _missing(model, terms, act)


def _missing(model: str, terms: LicenseTerms, act: Act) -> str:
    if act is Act.ANSWER:
        return (
            f"Nobody has accepted the license of {model} for this box. Ask who runs the box: "
            f"`carrel license show {model}` says what has to be done."
        )
    return f"The license of {model} has to be accepted first. {_how(model, terms)}"


def _changed(model: str, terms: LicenseTerms, act: Act) -> str:
    changed = f"The license text of {model} has changed"
    if act is Act.ANSWER:
        return (
            f"{changed} and is not accepted yet. Ask who runs the box: `carrel license show {model}` says "
            "what has to be done."
        )
    return f"{changed}; read and accept it again. {_how(model, terms)}"


def _how(model: str, terms: LicenseTerms) -> str:
    return (
        f"Read it with `carrel license show {model} --text`, then `carrel license accept {model} "
        f"--text {terms.text_sha256[:HASH_DIGITS]} --who NAME --authority ROLE --purpose TEXT`."
    )


def _personal(model: str, terms: LicenseTerms, act: Act, standing: Standing, person: str) -> str:
    if terms.acceptance != "person" or act is not Act.ANSWER:
        return ""
    given = [one for one in standing.personal if person and _holds(one, model, person)]
    if any(one.text_sha256 == terms.text_sha256 for one in given):
        return ""
    asks = (
        f"The license text of {model} has changed; read and accept it again"
        if given
        else f"Everybody who uses {model} has to accept its license"
    )
    return (
        f"{asks}: `GET /v1/me/licenses` shows the text, and `POST /v1/me/licenses` with "
        f'{{"model": "{model}", "text_sha256": "{terms.text_sha256[:HASH_DIGITS]}", "purpose": "…"}} '
        "accepts it."
    )


def _holds(one: Acceptance, model: str, person: str) -> bool:
    return one.model == model and one.person == person and one.withdrawn_ms is None


def _grant(model: str, tier: str, act: Act, standing: Standing, *, now_ms: int, project: str) -> str:
    if not needs_grant(tier):
        return ""
    given = [one for one in standing.grants if one.model == model]
    if act is Act.ANSWER:
        given = [one for one in given if one.project_id == project]
    if any(one.until_ms is None or one.until_ms > now_ms for one in given):
        return ""
    command = f"`carrel access grant {model} --project {project or 'PROJECT'}`"
    if act is Act.ANSWER:
        lost = "has run out" if given else "is missing"
        return f"{model} is of tier {tier}, and this project's grant {lost}. Ask who runs the box: {command}."
    lost = "every grant for it has run out" if given else "no project has a grant for it"
    return f"{model} is of tier {tier}, and {lost}. {command} gives one."


def _lease(model: str, terms: LicenseTerms, act: Act, standing: Standing) -> str:
    if not terms.lease:
        return ""
    lease = standing.lease
    if lease is None or lease.model != model:
        trouble = "and this box has none"
    elif lease.state == "valid" or (lease.state == "grace" and act is not Act.PULL):
        return ""
    elif lease.state == "grace":
        trouble = "and this box's has run out: what is installed is served for some days more"
    else:
        trouble = f"and this box's {_LEASE_WORDS[lease.state]}"
    ask = "Ask who runs the box to" if act is Act.ANSWER else "To go on,"
    return f"{model} is used only under a lease of its registry, {trouble}. {ask} {_LEASE_STEP}."


_LEASE_WORDS: Final = {
    "lapsed": "has lapsed",
    "suspended": "is suspended",
    "revoked": "was revoked",
}
_LEASE_STEP: Final = "get one from whoever keeps the registry"
