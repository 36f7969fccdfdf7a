"""Letters that came: whose they are, whether they are for this box, and who reads them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.letters import Letter
from appliance.domain.log import Log
from appliance.errors import CarrelError, IntegrityFailed, StorageUnavailable
from appliance.federation.protocol import messages
from appliance.federation.protocol.kinds import FORWARDED, LETTER
from appliance.federation.protocol.letters import LIFE_S, SEALED, read_body
from appliance.federation.protocol.statements import Forwarded
from appliance.services.federation.ports import Item
from appliance.services.letters.ports import Arrived, Identity, Letters, Opener, Taker
from appliance.trust.signed import signer_of, verify


class LetterReceiver:
    """``organization`` is that of this box, empty for none. The registry says whose keys are whose; that this
    very letter is theirs, the box finds out itself.
    """

    kinds: Final = frozenset({FORWARDED})

    def __init__(
        self,
        letters: Letters,
        identity: Identity,
        opener: Opener,
        takers: Sequence[Taker],
        *,
        organization: Callable[[], str],
        clock: Clock,
        log: Log,
    ) -> None:
        self._letters = letters
        self._identity = identity
        self._opener = opener
        self._takers = {kind: taker for taker in takers for kind in taker.kinds}
        self._organization = organization
        self._clock = clock
        self._log = log

    async def take(self, item: Item) -> None:
        """Read it once. Raises ``IntegrityFailed`` for one that is not the sender's or not for this box, and
        ``StorageUnavailable``. What is wrong with what it says is the sender's fault: it is written down and
        counts as read, or it would stand before all others for ever.
        """
        forwarded = item.read(Forwarded)
        letter = await asyncio.to_thread(self._signed, forwarded)
        known = await self._letters.get(letter.jti)
        if known is not None and (known.direction == "out" or known.state != "new"):
            return
        await self._letters.add(self._row(letter, forwarded))
        try:
            arrived = await asyncio.to_thread(self._read, letter, forwarded)
            await self._takers[letter.kind].take(arrived)
        except StorageUnavailable:
            raise
        except CarrelError as error:
            self._log.warning("letter_refused", letter=letter.jti, box=letter.box, why=error.message)
            await self._letters.set(letter.jti, "refused", error.message[:300])
        else:
            await self._letters.set(letter.jti, "taken")

    def _signed(self, forwarded: Forwarded) -> messages.Letter:
        """Blocks."""
        letter = _signed(forwarded)
        self._check_reader(letter)
        return letter

    def _read(self, letter: messages.Letter, forwarded: Forwarded) -> Arrived:
        """Blocks."""
        if letter.iat < self._clock.now_ms() // 1000 - 2 * LIFE_S:
            raise IntegrityFailed("A letter is older than letters are kept.")
        sealed = not letter.body.startswith("{")
        if letter.kind in SEALED and not sealed:
            raise IntegrityFailed(f"A letter of the kind {letter.kind} came unsealed.")
        content = self._opener.open(letter.body) if sealed else letter.body.encode()
        return Arrived(
            id=letter.jti,
            thread=letter.thread,
            body=read_body(letter.kind, content),
            box=forwarded.from_box,
            institution=_shown(forwarded.from_institution),
            sealing_key=forwarded.sealing_key,
            sealed=sealed,
            organization=forwarded.from_organization,
        )

    def _row(self, letter: messages.Letter, forwarded: Forwarded) -> Letter:
        return Letter(
            id=letter.jti,
            direction="in",
            kind=letter.kind,
            thread=letter.thread,
            peer=letter.box,
            organization="",
            institution=_shown(forwarded.from_institution),
            state="new",
            made_ms=self._clock.now_ms(),
        )

    def _check_reader(self, letter: messages.Letter) -> None:
        if bool(letter.to_box) == bool(letter.to_organization):
            raise IntegrityFailed("A letter is for nobody, or for two.")
        own = letter.to_box in self._identity.ids() or (
            letter.to_organization and letter.to_organization == self._organization()
        )
        if not own:
            raise IntegrityFailed("A letter is for another box than this one.")


def _signed(forwarded: Forwarded) -> messages.Letter:
    """The letter as its sender signed it. Raises ``IntegrityFailed``."""
    signer = signer_of(forwarded.letter)
    if signer.id not in (forwarded.from_keys or (forwarded.from_box,)):
        raise IntegrityFailed("A letter is not signed by the box that it is said to come from.")
    letter = verify(forwarded.letter, LETTER, signer, messages.Letter)
    if letter.box != forwarded.from_box:
        raise IntegrityFailed("A letter names another box than the one that it is said to come from.")
    return letter


def _shown(words: str) -> str:
    """Fit for a line of a terminal."""
    return "".join(one if one.isprintable() else " " for one in words).strip()[:200]
