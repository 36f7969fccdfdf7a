"""How an alert is written for people and for programs."""

from typing import Protocol

import msgspec

from appliance.domain.alerts import Alert
from appliance.domain.clock import Clock
from appliance.policy.sampling.choosing import day_of


class Mail(Protocol):
    """Sends mail."""

    @property
    def host(self) -> str:
        """Through which server."""
        ...

    async def send(self, subject: str, text: str, clock: Clock) -> None:
        """Raises ``Offline``, ``OutboundFailed``, ``ConfigInvalid``."""
        ...


class Hook(Protocol):
    """Tells an address."""

    @property
    def host(self) -> str:
        """Whom."""
        ...

    async def send(self, body: bytes) -> None:
        """Raises ``Offline``, ``OutboundFailed``, ``ConfigInvalid``."""
        ...


class AlertBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook is told. Times in ms since 1970 UTC."""

    object: str = "carrel.alert"
    box: str
    id: str
    kind: str
    subject: str
    level: str
    says: str
    next_step: str
    times: int
    first_ms: int
    last_ms: int


class MailSink:
    """``box`` is the address by which people know this box."""

    def __init__(self, mail: Mail, box: str, clock: Clock) -> None:
        self._mail = mail
        self._box = box
        self._clock = clock
        self.name = f"mail through {mail.host}"

    async def tell(self, alert: Alert) -> None:
        """One mail. Raises what sending raises."""
        sign = alert.sign
        subject = f"[carrel] {sign.level}: {sign.kind} {sign.subject}"
        lines = [
            sign.says,
            "",
            *([f"Next step: {sign.next_step}"] if sign.next_step else ()),
            f"Box: {self._box}",
            f"Since: {day_of(alert.first_ms)} UTC, seen {alert.times} times",
            f"Alert: {alert.id}",
            "",
            "More: carrel alert list",
        ]
        await self._mail.send(subject.replace("\n", " "), "\n".join(lines), self._clock)


class WebhookSink:
    """The same as JSON."""

    def __init__(self, hook: Hook, box: str) -> None:
        self._hook = hook
        self._box = box
        self.name = f"webhook at {hook.host}"

    async def tell(self, alert: Alert) -> None:
        """One POST. Raises what sending raises."""
        sign = alert.sign
        body = AlertBody(
            box=self._box,
            id=alert.id,
            kind=sign.kind,
            subject=sign.subject,
            level=sign.level,
            says=sign.says,
            next_step=sign.next_step,
            times=alert.times,
            first_ms=alert.first_ms,
            last_ms=alert.last_ms,
        )
        await self._hook.send(msgspec.json.encode(body))
