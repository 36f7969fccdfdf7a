"""Run as a program: opens a store and reserves one request after the other, saying what became of each.

``burdened.py DATABASE COUNT [FILE_SIZE_LIMIT_BYTES]``: the limit is set after opening. Prints one JSON line a
request, the last of them without the limit, and a line about the store.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path

from appliance.domain.model import ModelIdentity
from appliance.domain.people import ApiKey, Caller
from appliance.domain.usage import Hold
from appliance.errors import CarrelError
from appliance.store.store import Store


class StillClock:
    def now_ms(self):
        return 1_790_000_000_000

    def monotonic_s(self):
        return 0.0


def hold(number):
    return Hold(
        request_id=f"req_{number}",
        caller=Caller("key_1", "default", "default"),
        model=ModelIdentity("handbook-tiny", 1, "ab" * 32, "fake-1"),
        prompt_tokens=1,
        max_completion_tokens=1,
        gflop=1,
        gflop_of_prompt=1,
        gflop_per_token=1,
        started_ms=0,
    )


async def reserve(store, number):
    try:
        await store.ledger.reserve(hold(number))
    except CarrelError as error:
        return {"request": f"req_{number}", "error": type(error).__name__, "message": error.message}
    return {"request": f"req_{number}", "error": None}


async def main(path, count, limit_bytes):
    store = Store.open(path, StillClock())
    if not await store.keys.all():
        await store.keys.add(ApiKey("key_1", "k", "abcd", "default", "default", 0, None, None), bytes(32))
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, most))
    for number in range(count):
        print(json.dumps(await reserve(store, number)), flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    print(json.dumps(await reserve(store, count)), flush=True)
    reads = len(await store.projects.all())
    print(json.dumps({"trouble": store.trouble(), "projects": reads}), flush=True)
    store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
