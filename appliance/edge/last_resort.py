"""The outermost ASGI layer: whatever leaves the app below becomes an answer of ours; its text goes nowhere.

Without it uvicorn would log the exception with its text, which may hold a prompt.
"""

import asyncio
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from appliance.domain.log import Log
from appliance.edge.errors import ErrorAnswer, answer_and_log
from appliance.errors import NotReady


class LastResort:
    """ASGI middleware. An answer that had begun is cut off, so that the client sees it is not whole."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises nothing."""
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except asyncio.CancelledError:
            # The listener stops and the request's time is over. The task ends here: nobody waits for more.
            answer = answer_and_log(NotReady("The box is stopping; send it again later."), scope, self._log)
        except Exception as exc:  # noqa: BLE001 - the one place that catches everything a request can raise
            answer = answer_and_log(exc, scope, self._log)
        else:
            return
        if not started:
            await send_answer(answer, send)


async def send_answer(answer: ErrorAnswer, send: Send) -> None:
    """Send an error's answer without a framework."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.encode(), value.encode()) for name, value in answer.headers.items()),
    ]
    start: Any = {"type": "http.response.start", "status": answer.status, "headers": headers}
    body: Any = {"type": "http.response.body", "body": answer.body, "more_body": False}
    await send(start)
    await send(body)
