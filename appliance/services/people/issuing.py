"""Makes keys: the secret, what is remembered of it, and how long it may last."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.people import NO_KEY_LIMITS, ApiKey, KeyLimits
from appliance.policy.issuing import no_later
from appliance.policy.keys import SECRET_BYTES, format_key, is_easily_read, key_digest

ID_BYTES: Final = 6
_MOST_DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with its secret, which is nowhere else."""

    secret: str
    key: ApiKey

    @property
    def digest(self) -> bytes:
        """Under which it is stored."""
        return key_digest(self.secret)


class Issuer:
    """Nothing is stored here."""

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._clock = clock
        self._random_bytes = random_bytes

    def issue(
        self,
        *,
        name: str,
        person: str,
        project: str,
        expires_days: int | None,
        not_after_ms: int | None = None,
        limits: KeyLimits = NO_KEY_LIMITS,
        canary: bool = False,
        for_paper: bool = False,
    ) -> IssuedKey:
        """A new one. ``for_paper``: it is read from a card and typed."""
        secret = self._drawn() if for_paper else format_key(self._random_bytes(SECRET_BYTES))
        now_ms = self._clock.now_ms()
        expires_ms = None if expires_days is None else now_ms + expires_days * DAY_MS
        key = ApiKey(
            id=f"key_{self._random_bytes(ID_BYTES).hex()}",
            name=name,
            last4=secret[-4:],
            person_id=person,
            project_id=project,
            created_ms=now_ms,
            expires_ms=no_later(expires_ms, not_after_ms),
            revoked_ms=None,
            limits=limits,
            canary=canary,
        )
        return IssuedKey(secret, key)

    def _drawn(self) -> str:
        """One that is easily read, which takes sixteen draws."""
        for _ in range(_MOST_DRAWS):
            secret = format_key(self._random_bytes(SECRET_BYTES))
            if is_easily_read(secret):
                break
        return secret
