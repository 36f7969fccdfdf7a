"""The registry's two keys: one signs statements, the other the status list, so that whoever gets hold of the
one cannot take leases back.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from appliance.federation.protocol.shapes import use_for
from appliance.federation.protocol.statements import RegistryKey
from appliance.trust.box_key import BoxKey


@dataclass(frozen=True, slots=True)
class Signers:
    """Neither may sign a catalog."""

    statements: BoxKey
    status: BoxKey

    @classmethod
    def at(cls, statements: Path, status: Path) -> Self:
        """Read from two files, or made there. Raises ``ConfigInvalid``, ``IntegrityFailed``."""
        return cls(BoxKey.at(statements), BoxKey.at(status))

    def sign(self, kind: str, statement: msgspec.Struct) -> str:
        """A token, by the key that may sign that kind."""
        return (self.status if use_for(kind) == "status" else self.statements).sign(kind, statement)

    @property
    def listed(self) -> tuple[RegistryKey, ...]:
        """As ``registry/keys.json`` and enrollments name them."""
        return (
            RegistryKey(self.statements.public.text, ("statements",)),
            RegistryKey(self.status.public.text, ("status",)),
        )
