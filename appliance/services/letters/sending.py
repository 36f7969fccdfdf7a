"""Letters that leave: signed once, on the disk before anything else, then in the outbox."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.letters import Letter
from appliance.errors import BadRequest, Conflict
from appliance.federation.protocol import messages
from appliance.federation.protocol.kinds import LETTER
from appliance.federation.protocol.letters import BODY_BYTES, SEALED, AnyBody, kind_of_body
from appliance.federation.protocol.replies import RETRYABLE
from appliance.services.federation.ports import Outbox, Outgoing, Refusal
from appliance.services.letters.ports import Identity, Letters, Reader, Taker
from appliance.trust.canonical import canonical
from appliance.trust.sealing import SealingKey

_WORDS: Final[dict[str, str]] = {
    "flaw-report": "a flaw report",
    "flaw-answer": "an answer to a flaw report",
    "access-request": "a request for access",
    "access-grant": "a key for a model here",
    "access-end": "the end of an access",
}


class LetterSender:
    """Also the composer that puts what waits into the outbox, and whoever hears that one was refused."""

    kinds: Final = frozenset({LETTER})

    def __init__(self, letters: Letters, identity: Identity, outbox: Outbox, clock: Clock) -> None:
        self._letters = letters
        self._identity = identity
        self._outbox = outbox
        self._clock = clock
        self._takers: Sequence[Taker] = ()

    def tell(self, takers: Sequence[Taker]) -> None:
        """Whoever sends has to hear that a letter did not arrive."""
        self._takers = takers

    def require_enrolled(self) -> None:
        """Raises ``Conflict``."""
        if not self._identity.enrolled:
            raise Conflict(
                "This box belongs to no registry, which is who carries letters. `carrel fed enroll` joins "
                "one."
            )

    async def send(self, reader: Reader, thread: str, body: AnyBody) -> str:
        """Its id. Raises ``Conflict`` where the box belongs to no registry, ``BadRequest`` for too much, or
        for a secret without a key to seal it to, ``StorageUnavailable``.
        """
        self.require_enrolled()
        written = await asyncio.to_thread(self._written, reader, thread, body)
        await self._letters.add(written)
        await self.compose()
        return written.id

    async def compose(self) -> None:
        """What waits goes into the outbox. Raises ``StorageUnavailable``."""
        for one in await self._letters.waiting():
            to = one.organization or one.institution or one.peer[:12]
            summary = f"{_WORDS[one.kind]} to {to}"
            await self._outbox.put(Outgoing(one.id, LETTER, one.token, one.made_ms, summary))
            await self._letters.set(one.id, "sent")

    async def refused(self, refusal: Refusal) -> bool:
        """See ``federation.ports.RefusalListener``: it is told to whoever wrote it."""
        letter = await self._letters.get(refusal.id)
        if letter is None or refusal.name in RETRYABLE:
            return False
        await self._letters.set(letter.id, "refused", refusal.title[:300])
        for taker in self._takers:
            if letter.kind in taker.kinds:
                await taker.undelivered(letter.kind, letter.thread, refusal.title[:300])
        return True

    def _written(self, reader: Reader, thread: str, body: AnyBody) -> Letter:
        """Blocks: sealed, signed."""
        kind, now_ms = kind_of_body(body), self._clock.now_ms()
        message = messages.Letter(
            box=self._identity.box_id,
            jti=f"msg_{secrets.token_hex(6)}",
            iat=now_ms // 1000,
            to_box=reader.box,
            to_organization=reader.organization,
            kind=kind,
            thread=thread,
            body=written_body(body, reader.sealing_key),
        )
        return Letter(
            id=message.jti,
            direction="out",
            kind=kind,
            thread=thread,
            peer=reader.box,
            organization=reader.organization,
            institution="",
            state="waiting",
            made_ms=now_ms,
            token=self._identity.sign(LETTER, message),
        )


def written_body(body: AnyBody, sealing_key: str) -> str:
    """As it stands in the letter. Raises ``BadRequest`` as ``LetterSender.send``."""
    content = canonical(body)
    if len(content) > BODY_BYTES:
        raise BadRequest(f"A letter says at most {BODY_BYTES} bytes; leave something out.")
    if sealing_key:
        return SealingKey.parse(sealing_key).seal(content)
    if kind_of_body(body) in SEALED:
        raise BadRequest("The reader has no key that a secret could be sealed to.")
    return content.decode()
