"""Kills the gateway in the middle of a batch, and measures what a batch costs those who wait for an answer.

    python scripts/show_batch.py [--lines 500] [--kills 5] [--rounds 10] [--asks 20] [--gguf FILE ...]

The box is real: gateway, preparer and worker are processes of their own. The model is the bundled one; what
a batch costs others is measured on each model of `--gguf` as well (see scripts/make_random_model.py), in half
as many rounds. `--json FILE` keeps the result.

First a batch of `--lines` lines is sent, and the gateway is killed (SIGKILL) and started again `--kills`
times while it is worked on. Every line has to be in the output once, and in the ledger once; the account has
to be the sum of its rows.

Then `--asks` streamed questions are asked one after the other, each after 50 to 300 ms of thinking, without
a batch and beside one, in turn, for `--rounds` rounds. Their time to the first token is that of the client,
from sending to the first text.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
from model_box import ModelBox

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.system.box import RealBox

DEMO_MODEL = "handbook-tiny"
QUESTIONS = (
    "How do I make a key?",
    "What is a credit?",
    "How many requests may wait in the queue?",
    "Where is the log file?",
)
OVER = {"completed", "failed", "expired", "cancelled"}


def line(number: int, max_tokens: int, model: str) -> str:
    body = {
        "model": model,
        "messages": [{"role": "user", "content": f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"}],
        "max_tokens": max_tokens,
        "temperature": 1.0,
    }
    return json.dumps(
        {"custom_id": f"line-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
    )


class Client:
    """One key's view of the box."""

    def __init__(self, box: RealBox | ModelBox, model: str = DEMO_MODEL) -> None:
        self._model = model
        self._http = httpx.Client(
            base_url=box.url,
            headers={"authorization": f"Bearer {box.new_key('show')}"},
            timeout=60,
            trust_env=False,
        )
        self._chance = random.Random(1)

    def file(self, lines: int, max_tokens: int) -> str:
        content = "\n".join(line(number, max_tokens, self._model) for number in range(lines))
        files = {"file": ("lines.jsonl", content.encode())}
        return self._done(self._http.post("/files", data={"purpose": "batch"}, files=files))["id"]

    def batch(self, file_id: str) -> str:
        asked = {
            "input_file_id": file_id,
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
        }
        return self._done(self._http.post("/batches", json=asked))["id"]

    def show(self, batch_id: str) -> dict:
        return self._done(self._http.get(f"/batches/{batch_id}"))

    def cancel(self, batch_id: str) -> None:
        self._done(self._http.post(f"/batches/{batch_id}/cancel"))
        self.wait(batch_id, lambda shown: shown["status"] in OVER)

    def content(self, file_id: str | None) -> list[dict]:
        if file_id is None:
            return []
        answer = self._http.get(f"/files/{file_id}/content")
        answer.raise_for_status()
        return [json.loads(one) for one in answer.text.splitlines()]

    def wait(self, batch_id: str, ready, limit_s: float = 900) -> dict:
        deadline = time.monotonic() + limit_s
        while not ready(shown := self.show(batch_id)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the batch is still {shown}")
            time.sleep(0.02)
        return shown

    def ttft_s(self, number: int) -> float:
        asked = {
            "model": self._model,
            "messages": [{"role": "user", "content": f"{QUESTIONS[number % len(QUESTIONS)]} [{number}]"}],
            "max_tokens": 16,
            "stream": True,
        }
        time.sleep(self._chance.uniform(0.05, 0.3))  # the time to think: a batch has begun again by then
        begun_s, first_s = time.perf_counter(), 0.0
        with self._http.stream("POST", "/chat/completions", json=asked) as answer:
            if answer.status_code != 200:
                raise RuntimeError(answer.read().decode())
            for text in answer.iter_lines():
                if not first_s and text.startswith("data: {") and _says(json.loads(text[6:])):
                    first_s = time.perf_counter() - begun_s
        if not first_s:
            raise RuntimeError("an answer without a token")
        return first_s

    @staticmethod
    def _done(answer: httpx.Response) -> dict:
        if not answer.is_success:
            raise RuntimeError(answer.text)
        return answer.json()


def _says(chunk: dict) -> bool:
    return any(choice["delta"].get("content") for choice in chunk.get("choices", ()))


def kills(box: RealBox, lines: int, times: int) -> dict:
    client = Client(box)
    batch_id = client.batch(client.file(lines, max_tokens=24))
    seen = []
    for number in range(times):
        reached = lines * (number + 1) // (times + 1)
        shown = client.wait(batch_id, lambda one, least=reached: _answered(one) >= least)
        box.kill()
        seen.append(_answered(shown))
        box.start()
    shown = client.wait(batch_id, lambda one: one["status"] in OVER)
    output, errors = client.content(shown["output_file_id"]), client.content(shown["error_file_id"])
    return {
        "lines": lines,
        "killed_at_lines": seen,
        "status": shown["status"],
        "request_counts": shown["request_counts"],
        **_faults(box, lines, batch_id, output + errors),
        "errors": len(errors),
    }


def _answered(shown: dict) -> int:
    return shown["request_counts"]["completed"] + shown["request_counts"]["failed"]


def _faults(box: RealBox, lines: int, batch_id: str, answers: list[dict]) -> dict:
    rows, budget = box.rows(), box.carrel("budget", "show")
    names = Counter(one["custom_id"] for one in answers)
    prefix = f"req_{batch_id.removeprefix('batch_')}-"
    billed = Counter(row["request_id"] for row in rows if row["request_id"].startswith(prefix))
    answered = {one["response"]["request_id"] for one in answers}
    tokens = {row["request_id"]: row["completion_tokens"] for row in rows}
    told = {
        one["response"]["request_id"]: one["response"]["body"]["usage"]["completion_tokens"]
        for one in answers
        if one["response"]["status_code"] == 200
    }
    return {
        "not_answered": sum(f"line-{number}" not in names for number in range(lines)),
        "answered_twice": sum(count > 1 for count in names.values()),
        "answered_and_not_billed": len(answered - billed.keys()),
        "billed_and_not_answered": len(billed.keys() - answered),
        "billed_twice": sum(count > 1 for count in billed.values()),
        "billed_other_than_told": sum(tokens[name] != count for name, count in told.items()),
        "outcomes": dict(Counter(row["outcome"] for row in rows)),
        "sum_of_rows": sum(row["gflop"] for row in rows),
        "spent_micro": budget["spent_micro"],
        "held_micro": budget["held_micro"],
    }


def beside(box: RealBox | ModelBox, model: str, rounds: int, asks: int) -> dict:
    person, owner = Client(box, model), Client(box, model)
    file_id = owner.file(20_000, max_tokens=64)
    numbers = iter(range(10**6))
    for _ in range(asks):
        person.ttft_s(next(numbers))
    alone, with_batch, lines = [], [], 0
    for turn in range(rounds):
        for kind in (False, True) if turn % 2 else (True, False):
            if not kind:
                alone += [person.ttft_s(next(numbers)) for _ in range(asks)]
                continue
            batch_id = owner.batch(file_id)
            before = owner.wait(batch_id, lambda shown: _answered(shown) > 3)
            with_batch += [person.ttft_s(next(numbers)) for _ in range(asks)]
            lines += _answered(owner.show(batch_id)) - _answered(before)
            owner.cancel(batch_id)
        print(f"{model}, round {turn + 1}: {_ms(alone)} alone, {_ms(with_batch)} beside a batch", flush=True)
    return {
        "asks_each": len(alone),
        "lines_answered_meanwhile": lines,
        "alone_ms": _ms(alone),
        "beside_batch_ms": _ms(with_batch),
        "ratio": {name: round(_ms(with_batch)[name] / _ms(alone)[name], 3) for name in ("median", "p95")},
    }


def _ms(seconds: list[float]) -> dict:
    cuts = statistics.quantiles(seconds, n=20)
    return {"median": round(statistics.median(seconds) * 1000, 2), "p95": round(cuts[18] * 1000, 2)}


def show(options: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        box = RealBox(Path(folder), extra={"CARREL_DRAIN_TIMEOUT_S": "5"}).start()
        try:
            found = kills(box, options.lines, options.kills)
            ttft = {DEMO_MODEL: beside(box, DEMO_MODEL, options.rounds, options.asks)}
        finally:
            box.stop()
    for file in options.gguf:
        with (
            tempfile.TemporaryDirectory() as folder,
            ModelBox(file, Path(folder), context_tokens=1024, sequences=8, worker_threads=2) as box,
        ):
            ttft[file.stem] = beside(box, "model", max(2, options.rounds // 2), options.asks)
    return {"kills": found, "interactive_ttft": ttft}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=500)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--asks", type=int, default=20)
    parser.add_argument("--gguf", type=Path, nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = show(options)
    print(json.dumps(found, indent=2))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
