"""New ids, which nobody can guess."""

import secrets
from typing import Literal

Prefix = Literal["lease", "chk", "ntc", "ack", "enr", "rot", "no", "yes", "agr", "bud", "time", "stm", "let"]


def new_id(prefix: Prefix) -> str:
    """48 random bits behind a word that says what it is."""
    return f"{prefix}_{secrets.token_hex(6)}"
