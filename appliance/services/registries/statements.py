"""Statements of a registry as files bring them: verified, for this very box, and remembered."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

import msgspec

from appliance.domain.clock import Clock
from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol.bounds import Confirmation
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


class Owner(Protocol):
    """Who this box is. Thumbprints of keys; asked when it is needed, since most boxes never need it. All of
    it blocks at first, and raises ``ConfigInvalid``, ``IntegrityFailed`` without a usable key.
    """

    def ids(self) -> frozenset[str]:
        """For whom a statement may be that is for this box."""
        ...

    def keys_now(self) -> frozenset[str]:
        """To which keys a right may be bound that is new."""
        ...

    def keys_ever(self) -> frozenset[str]:
        """To which keys a right may be bound that was taken before."""
        ...


class TrustedTime(Clock, Protocol):
    """The clock that signed times defend."""

    @property
    def suspect(self) -> bool:
        """Whether the machine's clock cannot be right."""
        ...

    @property
    def latest_s(self) -> int:
        """What is signed later than this is not to be believed."""
        ...

    async def learn(self, signed_s: int) -> None:
        """A statement that is believed was signed then. Raises ``StorageUnavailable``."""
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


def check_owner(claims: Stated, ids: Collection[str], keys: Collection[str]) -> None:
    """``ids`` are what this box is or was called, ``keys`` the thumbprints to which a right may be bound.
    Raises ``IntegrityFailed`` for what was signed for another box.
    """
    if claims.sub not in ids or claims.cnf.jkt not in keys:
        raise IntegrityFailed(
            f"This was signed for another box or key. This box is {', '.join(sorted(ids))}."
        )


def check_time(signed_s: int, latest_s: int) -> None:
    """Raises ``IntegrityFailed`` for what was signed later than it can be."""
    if signed_s > latest_s:
        raise IntegrityFailed(
            "This was signed in the future by this box's clock; `carrel doctor` tells what time it is here."
        )


BoxId = Callable[[], str]
"""The thumbprint of the box's own key; asked when it is needed, since most boxes never need it."""
