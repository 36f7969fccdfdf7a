"""Shows that answers in a form keep it, and what that costs a token.

    python scripts/show_structured.py [MODEL.gguf] [--answers 500] [--json scripts/results/structured.json]

Without a model it takes the demo model. Each answer is asked for with a nested schema and temperature 1, by
several clients at once, and is validated with another library than the one that made it. Then the same
prompts are answered in turn with the schema and without, one at a time: the cost is the median time between
two tokens. A model with random weights proposes next to nothing that the schema admits, so that every token
is drawn twice: no model can be dearer.
"""

import argparse
import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jsonschema
from model_box import ModelBox

DEMO = Path(__file__).parent.parent / "recipes" / "handbook-tiny" / "handbook-tiny-f16.gguf"
CONTEXT_TOKENS = 512
SEATS = 8
MOST_TOKENS = 400
SHORT = {"type": "string", "maxLength": 10}
SCHEMA = {
    "type": "object",
    "properties": {
        "title": SHORT,
        "kind": {"enum": ["note", "task", "question"]},
        "done": {"type": "boolean"},
        "place": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/place"}]},
        "steps": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"what": SHORT, "minutes": {"type": "integer", "minimum": 0, "maximum": 600}},
                "required": ["what", "minutes"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["title", "kind", "done", "place", "steps"],
    "additionalProperties": False,
    "$defs": {
        "place": {
            "type": "object",
            "properties": {"room": SHORT, "floor": {"type": "integer", "minimum": -3, "maximum": 30}},
            "required": ["room", "floor"],
            "additionalProperties": False,
        }
    },
}
FORM = {"type": "json_schema", "json_schema": {"name": "entry", "strict": True, "schema": SCHEMA}}
ASKED = ("How do I run a model?", "What does a key cost?", "Write something.", "Which models are there?")


def body(number: int, *, in_form: bool, stream: bool, most_tokens: int = MOST_TOKENS) -> dict:
    """What is sent for one answer."""
    asked = {
        "model": "model",
        "messages": [{"role": "user", "content": ASKED[number % len(ASKED)]}],
        "temperature": 1,
        "seed": number,
        "max_tokens": most_tokens,
    }
    if in_form:
        asked["response_format"] = FORM
    if stream:
        asked |= {"stream": True, "stream_options": {"include_usage": True}}
    return asked


def validated(http: httpx.Client, number: int) -> tuple[bool, str]:
    """Whether an answer keeps the form, and how it ended."""
    answer = http.post("chat/completions", json=body(number, in_form=True, stream=False))
    answer.raise_for_status()
    (choice,) = answer.json()["choices"]
    try:
        jsonschema.validate(json.loads(choice["message"]["content"]), SCHEMA)
    except (ValueError, jsonschema.ValidationError):
        return False, choice["finish_reason"]
    return True, choice["finish_reason"]


def token_ms(http: httpx.Client, number: int, *, in_form: bool) -> float:
    """Milliseconds between two tokens of one answer."""
    asked = body(number, in_form=in_form, stream=True, most_tokens=80)
    first_s = last_s = 0.0
    tokens = 0
    with http.stream("POST", "chat/completions", json=asked) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line.removeprefix("data: "))
            if usage := chunk.get("usage"):
                tokens = usage["completion_tokens"]
            if any(choice["delta"].get("content") for choice in chunk["choices"]):
                last_s = time.perf_counter()
                first_s = first_s or last_s
    return (last_s - first_s) * 1000 / max(1, tokens - 1)


def measure(box: ModelBox, key: str, answers: int, pairs: int) -> dict:
    """The whole measurement."""
    with (
        httpx.Client(base_url=box.url, headers={"authorization": f"Bearer {key}"}, timeout=300) as http,
        ThreadPoolExecutor(SEATS) as pool,
    ):
        began_s = time.perf_counter()
        kept = list(pool.map(lambda number: validated(http, number), range(answers)))
        took_s = time.perf_counter() - began_s
        costs: dict[bool, list[float]] = {True: [], False: []}
        for number in range(pairs):
            for in_form in (True, False) if number % 2 else (False, True):
                costs[in_form].append(token_ms(http, number, in_form=in_form))
    free, held = statistics.median(costs[False]), statistics.median(costs[True])
    return {
        "answers": answers,
        "valid": sum(valid for valid, _ in kept),
        "ended": {reason: [end for _, end in kept].count(reason) for reason in {end for _, end in kept}},
        "answers_s": round(took_s, 1),
        "pairs": pairs,
        "token_ms_free": round(free, 3),
        "token_ms_in_form": round(held, 3),
        "cost_ms_a_token": round(held - free, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", default=DEMO)
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1, help="of the processor, for the engine")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ModelBox(
            asked.model,
            Path(folder),
            context_tokens=CONTEXT_TOKENS,
            sequences=SEATS,
            worker_threads=asked.threads,
        ) as box,
    ):
        result = {"model": asked.model.name, **measure(box, box.new_key("forms"), asked.answers, asked.pairs)}
    print(json.dumps(result, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=2) + "\n")
    if result["valid"] != asked.answers:
        raise SystemExit("some answers do not keep the form")


if __name__ == "__main__":
    main()
