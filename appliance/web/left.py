"""What is left to somebody, in a sentence: of the limit of which the least part is left."""

from appliance.domain.allocation import Window
from appliance.domain.me import Me, OwnLimit
from appliance.policy.budget import credits_text


def sentence_left(me: Me) -> str:
    """As the page's script writes it from ``GET /v1/me``."""
    if me.allocations:
        return _of_limit(min(me.allocations, key=_part))
    left = me.budget.left_micro
    if left is None:
        return "No limit on what you may spend."
    return f"Left to your project: {credits_text(left)} credits."


def _of_limit(one: OwnLimit) -> str:
    when = {Window.DAY: " today", Window.TERM: " this term"}.get(one.account.allocation.window, "")
    about = "" if one.about is None else f", about {one.about.tokens} tokens of {one.about.model}"
    return f"Left{when}: {credits_text(one.account.left_micro or 0)} credits{about}."


def _part(one: OwnLimit) -> float:
    account = one.account
    whole = (account.allocation.limit_micro or 0) + account.granted_micro
    return (account.left_micro or 0) / whole if whole > 0 else 0.0
