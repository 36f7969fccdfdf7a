"""A student's loop that heeds nothing: requests as many at once as it can, and again at once when refused."""

import collections
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx

client = httpx.Client(timeout=120, limits=httpx.Limits(max_connections=64))
body = {
    "model": "class-model",
    "messages": [{"role": "user", "content": "Tell me everything, at length."}],
    "max_tokens": 256,
}
headers = {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
said: collections.Counter[int] = collections.Counter()
sentences: set[str] = set()


def ask(_number: int) -> None:
    answer = client.post(f"{os.environ['OPENAI_BASE_URL']}/chat/completions", json=body, headers=headers)
    said[answer.status_code] += 1
    if answer.status_code == 429:
        sentences.add(answer.json()["error"]["message"])


with ThreadPoolExecutor(64) as crowd:
    list(crowd.map(ask, range(int(sys.argv[1]))))
print(json.dumps({"statuses": dict(said), "sentences": sorted(sentences)}))
