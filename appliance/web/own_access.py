"""Which models somebody may use, why not, and what they can do about it, a line a model."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from appliance.domain.access import OwnAccess
from appliance.services.licenses.own import OwnLicense
from appliance.web.parts import OfferedModel


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One model. ``says`` is why it cannot be used, or on what terms it can; ``step`` is where the caller's
    own next act is: ``sign``, ``apply``, ``license``, ``consent`` to what leaves for the registry, or empty
    where it is somebody else's turn.
    """

    model: str
    tier: str
    usable: bool
    says: str
    step: str = ""
    application: str = ""
    until_ms: int | None = None


def access_lines(
    offered: Sequence[OfferedModel],
    access: Sequence[OwnAccess],
    licenses: Sequence[OwnLicense],
    waiting: Collection[str] = (),
) -> Sequence[AccessLine]:
    """Those that can be used first. ``waiting`` are models that an application of theirs waits for."""
    asked = {one.model for one in licenses if not one.accepted}
    ruled = {one.model: one for one in access}
    lines = [_line(one, ruled.get(recipe_of(one.id)), asked, waiting) for one in offered]
    shown = {recipe_of(one.id) for one in offered}
    lines += [
        _ruled(OfferedModel(model, model, usable=rule.decision.allowed), rule, waiting)
        for model, rule in ruled.items()
        if model not in shown
    ]
    return sorted(lines, key=lambda one: not one.usable)


def recipe_of(model: str) -> str:
    """The recipe that a form is of."""
    return model.partition("@")[0]


def _line(
    one: OfferedModel, rule: OwnAccess | None, asked: Collection[str], waiting: Collection[str]
) -> AccessLine:
    tier = "" if one.card is None else one.card.tier
    if recipe_of(one.id) in asked:
        return AccessLine(
            one.id, tier, usable=False, says="Its license asks each of its users.", step="license"
        )
    return AccessLine(one.id, tier, one.usable, one.why) if rule is None else _ruled(one, rule, waiting)


def _ruled(one: OfferedModel, rule: OwnAccess, waiting: Collection[str]) -> AccessLine:
    found = rule.decision
    if not found.allowed:
        step, application = _step(rule, waiting)
        return AccessLine(
            one.id, rule.tier, usable=False, says=found.message, step=step, application=application
        )
    if not one.usable:
        return AccessLine(one.id, rule.tier, usable=False, says=one.why)
    conditions, until_ms = (
        ("", None) if found.grant is None else (found.grant.conditions, found.grant.until_ms)
    )
    said = " ".join((conditions, *found.notices)).strip()
    return AccessLine(one.id, rule.tier, usable=True, says=said, until_ms=until_ms)


def _step(rule: OwnAccess, waiting: Collection[str]) -> tuple[str, str]:
    """The act, and the application that it is about."""
    found = rule.decision
    match found.lacks, found.waits_for:
        case "agreement", "you" | "lead":
            return "sign", ""
        case "purpose", "you":
            return "sign", ""
        case "grant", _ if rule.model not in waiting:
            return "apply", ""
        case "countersignature", "you" if found.grant is not None:
            return "consent", found.grant.application
    return "", ""
