"""Which results hold secrets that are shown once, and whose they are. Decides only."""

from dataclasses import dataclass

import msgspec

from appliance.domain.results import ClassCards, KeyIssued, RosterImport, SeatKey


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key's secret, and whose it is."""

    whose: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: a representation ends up in logs."""
        return f"NewKey({self.whose!r})"


def new_keys(result: msgspec.Struct) -> tuple[NewKey, ...]:
    """All that the result holds, in its order."""
    match result:
        case KeyIssued():
            return (NewKey(result.name, result.key),)
        case SeatKey():
            return (NewKey(result.name or result.given, result.key),)
        case RosterImport():
            return tuple(NewKey(one.person, one.key) for one in result.lines if one.key)
        case ClassCards():
            return tuple(NewKey(one.given or one.person, one.key) for one in result.cards)
        case _:
            return ()


def copied(keys: tuple[NewKey, ...]) -> str:
    """For the clipboard: one key alone, several with their owners before them."""
    if len(keys) == 1:
        return keys[0].secret
    return "\n".join(f"{one.whose},{one.secret}" for one in keys)
