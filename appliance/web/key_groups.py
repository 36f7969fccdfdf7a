"""A key as people copy it from paper: in groups of four."""

from typing import Final

_GROUP: Final = 4


def key_groups(key: str) -> tuple[str, ...]:
    """``crl_`` first, then four characters each; joined they are the key."""
    prefix, mark, rest = key.rpartition("_")
    groups = [rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        # A single character at the end is easily lost.
        groups[-2:] = ["".join(groups[-2:])]
    return (prefix + mark, *groups) if mark else tuple(groups)
