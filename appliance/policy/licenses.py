"""The one rule of licenses: what may be done with a model under its terms, and what is missing. Pure.

A lease in its days of grace, or by a clock that cannot be right, serves what is here and begins nothing new.
Acceptances and leases are values here; where they come from others know. Who may use which tier is another
rule: ``policy.access``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from appliance.domain.days import day_text
from appliance.domain.license import Acceptance, Lease, LeaseState, LicenseTerms, Misfit, Standing

HASH_DIGITS: Final = 12
"""So many first hex digits of a text's SHA-256 show that somebody had the text before them."""

Lacks = Literal["", "acceptance", "personal_acceptance", "grant", "lease", "access"]
"""``grant``: what ``policy.access`` says of a model that no project may use. ``access``: its owner hosts it,
and has not let this box use it.
"""


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


def needs_nothing(terms: LicenseTerms) -> bool:
    """Whether the terms are met by everybody, whatever was accepted or leased."""
    return terms.acceptance == "none" and not terms.lease


def decide(
    model: str,
    terms: LicenseTerms,
    *,
    act: Act,
    standing: Standing,
    person: str = "",
) -> Decision:
    """Whether ``act`` may be done with ``model`` (a recipe's id) now. ``person`` is the caller's, of a
    request.

    What only the caller can mend comes last.
    """
    if needs_nothing(terms):
        return ALLOWED
    lacking: list[tuple[Lacks, str]] = [
        ("acceptance", _institution(model, terms, act, standing)),
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


def _lease(model: str, terms: LicenseTerms, act: Act, standing: Standing) -> str:
    if not terms.lease:
        return ""
    lease = standing.lease
    ask = "Ask who runs the box to" if act is Act.ANSWER else "To go on,"
    if lease is None or lease.model != model:
        trouble = "and this box has none"
    elif lease.misfit:
        trouble = f"and this box's {_MISFITS[lease.misfit]}"
    elif lease.state == "valid" or (lease.state in _STILL_SERVES and act in _GOES_ON):
        return ""
    elif lease.stale:
        return (
            f"{model} is used only under a lease of its registry, which was not heard for too long: what is "
            f"installed is served, and nothing new begins. {ask} sync: `carrel fed sync`."
        )
    else:
        trouble = f"and this box's {_LEASE_WORDS[lease.state]}"
    step = _LEASE_STEP.format(model)
    return f"{model} is used only under a lease of its registry, {trouble}. {ask} {step}."


def why_no_grant(model: str, lease: Lease | None) -> str:
    """Why no further project may be let use a model now, as a sentence; empty: nothing is against it. A grant
    may well come before the lease.
    """
    if lease is None or lease.state == "valid":
        return ""
    trouble = "its registry was not heard for too long" if lease.stale else f"it {_LEASE_WORDS[lease.state]}"
    return (
        f"No further project is let use {model} while its lease is not valid: {trouble}. "
        f"`carrel license leases` shows it; to go on, {_LEASE_STEP.format(model)}."
    )


def served_on(model: str, lease: Lease | None) -> str:
    """What whoever uses a model is told with its answers; empty: nothing."""
    if lease is None or lease.state != "grace":
        return ""
    if lease.stale:
        return f"The registry of {model} was not heard for too long; it may stop being served here."
    return (
        f"The lease of {model} has run out; it is served here until {day_text(lease.until_ms)} (UTC) at most."
    )


_GOES_ON: Final = frozenset({Act.LOAD, Act.ANSWER})
_STILL_SERVES: Final = frozenset({"grace", "clock-suspect"})
_LEASE_WORDS: Final[dict[LeaseState, str]] = {
    "grace": "has run out: what is installed is served for some days more",
    "clock-suspect": "cannot be judged by this machine's clock, which `carrel fed status` explains",
    "lapsed": "has lapsed",
    "suspended": "is suspended",
    "revoked": "was revoked",
}
_MISFITS: Final[dict[Misfit, str]] = {
    "files": "names other files",
    "text": "is for another text of the license",
    "scope": "is not for this use",
    "purpose": "is not for what this project does",
}
_LEASE_STEP: Final = (
    "get one from the registry (`carrel fed lease {}`), or take one in with `carrel license lease FILE`"
)
