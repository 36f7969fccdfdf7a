"""Somebody with a key, who asks, applies and reads along while streams run."""

import asyncio
import json
import sys
import time
from collections.abc import Callable

import httpx

from scripts.demo_federation.parties import Box

STREAMS = 2
QUESTION = {"role": "user", "content": "How do I make a key?"}


class Ada:
    """A person with a key, who uses one model."""

    def __init__(self, box: Box, model: str) -> None:
        self.model = model
        made = ("key", "new", "laptop", "--person", "ada", "--project", "bias")
        self.box, self.told = box, box.told
        self.headers = {"authorization": f"Bearer {box.asked(*made)['key']}"}

    def posts(self, path: str, body: dict) -> dict:
        self.told.say(f"ada: POST /v1/{path} {json.dumps(body)}")
        url = f"{self.box.address}/v1/{path}"
        answer = httpx.post(url, json=body, headers=self.headers, timeout=60, trust_env=False)
        if answer.status_code != 200:
            sys.exit(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def asks(self, rule: str) -> None:
        """She asks the model; ``rule`` is what stands against it, empty where it has to answer."""
        body = {"model": self.model, "messages": [QUESTION], "max_tokens": 24}
        url = f"{self.box.address}/v1/chat/completions"
        answer = httpx.post(url, json=body, headers=self.headers, timeout=60, trust_env=False)
        if answer.status_code == 200:
            found, words = "", repr(answer.json()["choices"][0]["message"]["content"])
        else:
            error = answer.json()["error"]
            found = error.get("license", {}).get("lacks") or error.get("rule", {}).get("name", error["code"])
            words = f"{found}: {error['message']}"
        self.told.seen(f"ada asks the model: {answer.status_code} {words}")
        if found != rule:
            sys.exit(f"expected {rule or 'an answer'} and not {found or 'an answer'}")

    async def streams(self, meanwhile: Callable[[], None]) -> tuple[float, set[str]]:
        """While streams run, do something; how long after its beginning the last ended, in s, and how."""
        ended: list[tuple[float, str]] = []
        flowing = [asyncio.Event() for _ in range(STREAMS)]
        async with httpx.AsyncClient(headers=self.headers, timeout=60, trust_env=False) as client:
            running = [asyncio.create_task(self._stream(client, one, ended)) for one in flowing]
            await asyncio.gather(*(one.wait() for one in flowing))
            began_s = time.monotonic()
            await asyncio.to_thread(meanwhile)
            done_s = time.monotonic()
            await asyncio.gather(*running)
        last_s, codes = max(at_s for at_s, _ in ended), {code for _, code in ended}
        self.told.seen(
            f"{len(ended)} of {STREAMS} running streams ended with {', '.join(sorted(codes))}, the last "
            f"{last_s - began_s:.3f} s after the act was begun ({last_s - done_s:+.3f} s after its end)"
        )
        return last_s - began_s, codes

    async def _stream(self, client: httpx.AsyncClient, flowing: asyncio.Event, ended: list) -> None:
        """One that would go on for long: its end is forbidden."""
        body = {
            "model": self.model, "messages": [QUESTION], "max_tokens": 460, "stream": True,
            "temperature": 1.0, "logit_bias": {"0": -100, "1": -100, "2": -100, "3": -100},
        }  # fmt: skip
        url = f"{self.box.address}/v1/chat/completions"
        async with client.stream("POST", url, json=body) as answer:
            async for line in answer.aiter_lines():
                if '"content":"' in line and '"content":""' not in line:
                    flowing.set()
                if '"error"' in line:
                    code = json.loads(line.removeprefix("data: "))["error"]["code"]
                    ended.append((time.monotonic(), code))
        flowing.set()
