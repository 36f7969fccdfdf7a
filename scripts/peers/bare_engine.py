"""The engine alone in a process: what a request would cost without the gateway.

Reads a line of JSON a request from standard input: its text and seed; writes a line with its TTFT in ms and
its prompt tokens. Takes an ``EngineSpec`` as JSON.
"""

import json
import sys
import time

import msgspec

from appliance.domain.generation import Sampling
from appliance.engines.base import EngineSpec, Generate, Tokens
from appliance.engines.plugins import find_plugin
from appliance.engines.scheduler import Scheduler


def serve(spec: EngineSpec, max_tokens: int) -> None:
    plugin = find_plugin(spec.engine)
    vocabulary, engine = plugin.open_vocabulary(spec), Scheduler(plugin.open_runner(spec))
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        sent_s = time.perf_counter()
        prompt = tuple(vocabulary.tokenize(asked["text"], parse_special=True))
        sampling = Sampling(temperature=0.8, top_p=0.95, top_k=40, min_p=0.05, seed=asked["seed"])
        engine.submit(Generate(number, prompt, max_tokens, sampling))
        ttft_ms = None
        while not engine.idle:
            events = engine.step().events
            if ttft_ms is None and any(isinstance(one, Tokens) and one.text for one in events):
                ttft_ms = (time.perf_counter() - sent_s) * 1000
        print(json.dumps({"ttft_ms": ttft_ms, "prompt_tokens": len(prompt)}), flush=True)


serve(msgspec.json.decode(sys.argv[1], type=EngineSpec), int(sys.argv[2]))
