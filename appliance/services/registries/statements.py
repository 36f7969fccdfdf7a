"""Statements of a registry as files bring them: verified, for this very box, and remembered."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.statements import LEASE_BYTES

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Registries(Protocol):
    """Whom this box believes."""

    def believed(self, token: str, kind: str, shape: type[Shape]) -> tuple[Shape, str]:
        """What was signed, and the id of the key. Raises ``IntegrityFailed``, ``ConfigInvalid``."""
        ...


class Stated(Protocol):
    """What every statement says."""

    @property
    def sub(self) -> str:
        """For which box."""
        ...

    @property
    def cnf(self) -> Confirmation:
        """The same once more, as its form has it."""
        ...

    @property
    def iat(self) -> int:
        """When it was signed, in s."""
        ...


class Statements(Protocol):
    """Where tokens are remembered."""

    async def add(self, jti: str, token: str, now_ms: int) -> None:
        """The first of an id counts. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[str]:
        """All of them, oldest first."""
        ...


def trimmed(file: str) -> str:
    """The token that a file holds. Raises ``BadRequest``."""
    token = file.strip()
    if not token or len(token) > LEASE_BYTES:
        raise BadRequest("The file holds no signed statement of a registry.", param="file")
    return token


def check_box(claims: Stated, own: str, now_ms: int) -> None:
    """Raises ``IntegrityFailed`` for what was signed for another box, or in the future."""
    if {claims.sub, claims.cnf.jkt} != {own}:
        raise IntegrityFailed(f"This was signed for another box. This one is {own}.")
    if claims.iat > now_ms // 1000 + SKEW_S:
        raise IntegrityFailed(
            "This was signed in the future by this box's clock; `carrel doctor` tells what time it is here."
        )


BoxId = Callable[[], str]
"""The thumbprint of the box's own key; asked when it is needed, since most boxes never need it."""
