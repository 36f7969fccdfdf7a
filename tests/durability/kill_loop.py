"""Starts a box, loads it with clients, kills it at a random moment, again and again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from tests.durability.history import Fate, Told


class Box(Protocol):
    """Something that can be started and killed, with the same memory each time."""

    async def start(self) -> None:
        """Return when it takes requests."""

    async def kill(self) -> None:
        """SIGKILL; return when it is dead."""


Ask = Callable[[], Awaitable[Told]]
"""Send one request and say what became of it: ``Fate.UNKNOWN`` when the connection ended first."""
Client = Callable[[], Awaitable[Ask]]
"""Connect to the box that runs now."""


async def kill_loop(
    box: Box,
    client: Client,
    *,
    rounds: int,
    clients: int = 32,
    acknowledged_before: int = 100,
    chance: random.Random,
) -> list[Told]:
    """Everything that clients were told in ``rounds`` lives of the box. The box is left dead."""
    history: list[Told] = []
    for _ in range(rounds):
        await box.start()
        history += await _one_life(box, client, clients, chance.randint(1, acknowledged_before), chance)
    return history


async def _one_life(
    box: Box, client: Client, clients: int, acknowledged_before: int, chance: random.Random
) -> Sequence[Told]:
    told: list[Told] = []
    enough = asyncio.Event()

    async def live() -> None:
        ask = await client()
        while not told or told[-1].fate is not Fate.UNKNOWN:
            one = await ask()
            told.append(one)
            if len(told) >= acknowledged_before:
                enough.set()
            if one.fate is Fate.UNKNOWN:
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(live())
        async with asyncio.timeout(300):
            await enough.wait()
        # Not a wait for anything: without it, the kill would always come right after an answer.
        await asyncio.sleep(chance.uniform(0, 0.02))
        await box.kill()
    return told
