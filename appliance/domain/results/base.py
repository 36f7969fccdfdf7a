"""What every answer to an operator has in common."""

import msgspec


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all results."""
