"""The threads that answer boxes: a few, so that a crowd waits in line, and a line that has an end."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from appliance.federation.protocol.replies import Refused

THREADS: Final = 8
MOST_WAITING: Final = 256
RETRY_S: Final = 5

Answer = TypeVar("Answer")


class Hands:
    """For one event loop."""

    def __init__(self, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="registry")
        self._most = threads + most_waiting
        self._busy = 0

    async def run(self, job: Callable[[], Answer]) -> Answer:
        """What the job returns or raises. Raises ``Refused`` where too many wait. The job is done even if
        whoever asked leaves.
        """
        if self._busy >= self._most:
            raise Refused("rate", "Too many messages at once; send it again later.", retry_after_s=RETRY_S)
        self._busy += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, job)
        running.add_done_callback(self._done)
        return await asyncio.shield(running)

    def close(self) -> None:
        """Wait for what has begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, job: "asyncio.Future[Answer]") -> None:
        self._busy -= 1
        if not job.cancelled():
            # Seen here, since nobody asks for it where the client has left.
            job.exception()
