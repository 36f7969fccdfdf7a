"""Reads server-sent events of a gateway: the data of each, in order. Comments are passed over."""

from collections.abc import AsyncIterator
from typing import Final

_DATA: Final = b"data: "
_END: Final = b"\n\n"


async def event_data(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of each event, one line each as a gateway writes them.

    Lines are cut in bytes: ``str.splitlines`` also cuts at characters that JSON may have in a text.
    """
    waiting: list[bytes] = []
    async for chunk in chunks:
        if _END not in (waiting[-1][-1:] if waiting else b"") + chunk:
            waiting.append(chunk)
            continue
        *whole, rest = b"".join((*waiting, chunk)).split(_END)
        waiting = [rest] if rest else []
        for event in whole:
            if event.startswith(_DATA):
                yield event.removeprefix(_DATA)
