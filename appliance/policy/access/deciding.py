"""The one rule of tiers: what somebody lacks for a model, who can change that, and how.

First what lies with the caller, then what others have to do: whoever asks is told the next thing in turn.
"""

from dataclasses import replace
from typing import Final

from appliance.domain.access import TIERS, AccessDecision, AccessFacts, Application, Asker, Grant
from appliance.policy.access import words
from appliance.policy.access.agreements import covers

_RANKS: Final = {tier: rank for rank, tier in enumerate(TIERS)}
_MOST: Final = len(TIERS)
_MAY: Final = AccessDecision()


def asks_grant(tier: str) -> bool:
    """Whether projects need a grant for models of this tier. One that is not known asks for everything."""
    return _RANKS.get(tier, _MOST) >= _RANKS["approved"]


def fits(grant: Grant, model: str, tier: str) -> bool:
    """Whether a grant is for a model of a tier: by the model's name, or by its tier or a higher one."""
    return grant.model == model or (
        not grant.model and _RANKS.get(tier, _MOST) <= _RANKS.get(grant.tier, -1) and asks_grant(tier)
    )


def asked_for(application: Application, model: str, tier: str) -> bool:
    """Whether a grant that answers it would be for this model."""
    return fits(Grant(application.model, application.project_id, None, tier=application.tier), model, tier)


def holds(grant: Grant, now_ms: int) -> bool:
    """Whether it has not run out."""
    return grant.until_ms is None or grant.until_ms > now_ms


def decide(model: str, tier: str, *, asker: Asker, facts: AccessFacts, now_ms: int) -> AccessDecision:
    """Whether ``asker`` may use ``model`` (a recipe's id). What has run out at ``now_ms`` counts no more."""
    rank = _RANKS.get(tier, _MOST)
    registered = rank >= _RANKS["registered"]
    granted = _grant(model, tier, asker, facts, now_ms) if rank >= _RANKS["approved"] else _MAY
    lacking: list[AccessDecision] = [
        *_early(model, asker, facts, now_ms),
        *(_agreement(model, tier, asker, facts) if registered else ()),
        *(_purpose(model, tier, asker) if registered else ()),
        *(() if granted.allowed else (granted,)),
    ]
    if lacking:
        return replace(lacking[0], own_act=all(one.own_act for one in lacking))
    changes = registered and _changes(asker, facts)
    return replace(granted, notices=(*granted.notices, *words.notices(model, facts, changes=changes)))


def _grant(model: str, tier: str, asker: Asker, facts: AccessFacts, now_ms: int) -> AccessDecision:
    given = [one for one in facts.grants if fits(one, model, tier)]
    held = [one for one in given if holds(one, now_ms)]
    if not held:
        return words.no_grant(model, tier, asker, facts, given[-1] if given else None)
    if _RANKS.get(tier, _MOST) < _RANKS["restricted"]:
        return AccessDecision(grant=held[0])
    if facts.registry == "none":
        return AccessDecision(grant=held[0], notices=(words.reviewers_word(model),))
    signed = {one.grant for one in facts.countersigned if one.model == model and one.until_ms > now_ms}
    countersigned = next((one for one in held if one.id in signed), None)
    if countersigned is None:
        return words.no_countersignature(model, asker, held[0], facts)
    return AccessDecision(grant=countersigned)


def lacks_for_box(model: str, tier: str, grants: tuple[Grant, ...], now_ms: int) -> str:
    """What is missing before the box fetches or starts a model, as a sentence; empty: nothing. A model that
    no project may use is not brought here.
    """
    given = [one for one in grants if fits(one, model, tier)]
    if not asks_grant(tier) or any(holds(one, now_ms) for one in given):
        return ""
    return words.no_grant_anywhere(model, tier, over=bool(given))


def _early(model: str, asker: Asker, facts: AccessFacts, now_ms: int) -> tuple[AccessDecision, ...]:
    stage = facts.early
    if stage is None:
        return ()
    if stage.until_ms <= now_ms:
        return (words.early_over(model, stage),)
    if not asker.person or asker.person not in stage.people:
        return (words.not_in_early_group(model, stage, asker),)
    return ()


def _agreement(model: str, tier: str, asker: Asker, facts: AccessFacts) -> tuple[AccessDecision, ...]:
    mine = [one for one in facts.signatures if one.kind == "conduct" and covers(one, asker)]
    if any(one.text_sha256 in facts.accepted for one in mine):
        return ()
    return (words.not_signed(model, tier, asker, facts.conduct, before=bool(mine)),)


def _changes(asker: Asker, facts: AccessFacts) -> bool:
    """Whether what they signed counts only until the newest text asks."""
    mine = {one.text_sha256 for one in facts.signatures if one.kind == "conduct" and covers(one, asker)}
    return facts.conduct not in mine


def _purpose(model: str, tier: str, asker: Asker) -> tuple[AccessDecision, ...]:
    return () if asker.project.purpose else (words.no_purpose(model, tier, asker),)
