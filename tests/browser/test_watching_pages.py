"""The watch over pages sees what it is there to see."""

import asyncio

import pytest
from playwright.async_api import Browser

from tests.browser.watched import opened_pages

_PAGE = b"""<!doctype html><title>Bad</title>
<img src="http://elsewhere.example/pixel.png" alt="">
<script>console.error("I break"); throw new Error("really")</script>
<img src="http://127.0.0.1:1/blocked.png" alt="">"""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n%s\r\n"


async def _served(policy: bytes) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD % policy + _PAGE)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("policy", "seen"),
    [
        (b"", ("asked http://elsewhere.example/", "console error: I break", "error of a script")),
        (b"Content-Security-Policy: default-src 'none'\r\n", ("Content Security Policy",)),
    ],
)
async def test_a_page_that_does_what_none_may_is_seen(browser: Browser, policy: bytes, seen: tuple[str, ...]):
    server = await _served(policy)
    port = server.sockets[0].getsockname()[1]
    async with server, opened_pages(browser) as pages:
        await pages(f"http://127.0.0.1:{port}/")
        told = "\n".join(pages.troubles)
        with pytest.raises(AssertionError):
            pages.check()
    for one in seen:
        assert one in told
