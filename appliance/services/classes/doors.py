"""The doors of plain HTTP: one an address, open while a class that wants it is, shared by those on it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.lan.interfaces import Interface
from appliance.services.classes.reaching import Reach, address_of, likely_address, name_url, url, urls

LOOK_S: Final = 5.0


class PlainListener(Protocol):
    """What listens at one address."""

    async def start(self) -> None:
        """Raises ``Conflict`` where the port is taken."""
        ...

    async def stop(self, grace_s: float) -> None:
        """Take nobody new at once; who is in gets so many seconds."""
        ...


@dataclass(slots=True)
class _Door:
    listener: PlainListener
    classes: set[str] = field(default_factory=set)


class ClassDoors:
    """``ClassDoor`` over real listeners. ``listen`` makes one for an address, ``found`` says which addresses
    this machine has now. ``announce`` hears of the box's own address, whether plain HTTP is there.
    """

    def __init__(
        self,
        *,
        reach: Callable[[], Reach],
        found: Callable[[], Sequence[Interface]],
        listen: Callable[[str], PlainListener],
        announce: Callable[[bool], None],
        fingerprint: Callable[[], str],
        clock: Clock,
        log: Log,
        grace_s: float,
    ) -> None:
        self._reach = reach
        self._found = found
        self._listen = listen
        self._announce = announce
        self._fingerprint = fingerprint
        self._clock = clock
        self._log = log
        self._grace_s = grace_s
        self._doors: dict[str, _Door] = {}
        self._troubles: dict[str, str] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()

    async def open(self, lesson: SchoolClass) -> str:
        """As ``ClassDoor``. Raises ``Conflict``, ``BadRequest``, ``ConfigInvalid``."""
        async with self._lock:
            return await self._open(lesson)

    async def close(self, lesson: SchoolClass) -> None:
        """As ``ClassDoor``. Requests that run there get some time to end, which nobody waits for here."""
        async with self._lock:
            await self._leave(lesson.id)

    def addresses(self, lesson: SchoolClass) -> tuple[str, ...]:
        """As ``ClassDoor``; before the class is open, those that it will have."""
        return urls(lesson, self._reach(), self._plain_host(lesson))

    def plain_address(self, lesson: SchoolClass) -> str:
        """As ``ClassDoor``."""
        at = self._at(lesson.id)
        return url("http", at, self._reach().class_port) if at else ""

    def fingerprint(self) -> str:
        """As ``ClassDoor``."""
        return self._fingerprint()

    def name_url(self, lesson: SchoolClass | None = None) -> str:
        """As ``ClassDoor``."""
        return name_url(lesson, self._reach(), "" if lesson is None else self._plain_host(lesson))

    @property
    def opened(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Each address that is open now, as a URL, with the ids of its classes."""
        port = self._reach().class_port
        return [
            (url("http", at, port), tuple(sorted(door.classes))) for at, door in sorted(self._doors.items())
        ]

    @property
    def troubles(self) -> tuple[str, ...]:
        """Of classes that should be open and cannot be; a sentence each."""
        return tuple(self._troubles.values())

    async def keep(
        self,
        classes: Callable[[], Iterable[SchoolClass]],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Until cancelled: open what should be open, also after a restart; close what is over."""
        while True:
            await self.follow(classes())
            await sleep(LOOK_S)

    async def follow(self, classes: Iterable[SchoolClass]) -> None:
        """Once. ``classes`` are all that there are."""
        known = {one.id: one for one in classes}
        now_ms = self._clock.now_ms()
        async with self._lock:
            for over in [one for one in known.values() if one.state(now_ms) == "over"]:
                await self._leave(over.id)
            wanted = [one for one in known.values() if _wants(one, now_ms)]
            for gone in self._troubles.keys() - {one.id for one in wanted}:
                del self._troubles[gone]
            for lesson in wanted:
                if not self._at(lesson.id):
                    await self._try(lesson)

    async def stop(self, grace_s: float) -> None:
        """Close all of them."""
        async with self._lock:
            doors, self._doors = list(self._doors.values()), {}
        await asyncio.gather(*(door.listener.stop(grace_s) for door in doors), *self._ending)

    async def _open(self, lesson: SchoolClass) -> str:
        if not lesson.plain:
            await self._leave(lesson.id)
            return ""
        address = address_of(lesson, self._reach().lan_host, self._found())
        if self._at(lesson.id) not in {"", address}:
            await self._leave(lesson.id)
        if address not in self._doors:
            listener = self._listen(address)
            await listener.start()
            self._doors[address] = _Door(listener)
            self._log.info("door_opened", address=address, port=self._reach().class_port)
            self._tell(address, is_open=True)
        self._doors[address].classes.add(lesson.id)
        self._troubles.pop(lesson.id, None)
        return url("http", address, self._reach().class_port)

    async def _try(self, lesson: SchoolClass) -> None:
        try:
            await self._open(lesson)
        except CarrelError as error:
            if self._troubles.get(lesson.id) != error.message:
                self._log.warning("door_not_opened", lesson=lesson.id, reason=error.message)
            self._troubles[lesson.id] = error.message

    async def _leave(self, class_id: str) -> None:
        address = self._at(class_id)
        if not address:
            return
        door = self._doors[address]
        door.classes.discard(class_id)
        if door.classes:
            return
        del self._doors[address]
        self._log.info("door_closed", address=address)
        self._tell(address, is_open=False)
        ending = asyncio.create_task(door.listener.stop(self._grace_s))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        # Its first step closes the socket: whoever closes a class by this door is not cut by it.
        await asyncio.sleep(0)

    def _tell(self, address: str, *, is_open: bool) -> None:
        if address == self._reach().lan_host:
            self._announce(is_open)

    def _at(self, class_id: str) -> str:
        return next((at for at, door in self._doors.items() if class_id in door.classes), "")

    def _plain_host(self, lesson: SchoolClass) -> str:
        if not lesson.plain:
            return ""
        return self._at(lesson.id) or likely_address(lesson, self._reach().lan_host, self._found())


def _wants(lesson: SchoolClass, now_ms: int) -> bool:
    return lesson.plain and lesson.opened_ms is not None and lesson.state(now_ms) != "over"
