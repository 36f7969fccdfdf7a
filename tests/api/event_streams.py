"""What a stream of named server-sent events says."""

import json


def events_in(stream: bytes | str) -> list[tuple[str, dict]]:
    """Name and data of each event; comments are left out."""
    text = stream.decode() if isinstance(stream, bytes) else stream
    told = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            (name,) = (line.removeprefix("event: ") for line in lines if line.startswith("event: "))
            (data,) = (line.removeprefix("data: ") for line in lines if line.startswith("data: "))
            told.append((name, json.loads(data)))
    return told
