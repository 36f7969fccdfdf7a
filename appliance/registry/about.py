"""What a registry says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """``name`` is its name in every statement (``iss``), ``hosts`` those under which it may be addressed
    (with ``:port`` where that is not the scheme's own), ``root_sha256`` the hash of its catalog's first root.
    """

    name: str
    hosts: frozenset[str]
    root_sha256: str
