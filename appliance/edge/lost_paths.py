"""Which address a lost client wanted: prefixes doubled, foreign or missing, and other servers' names."""

import re
from collections.abc import Iterator
from typing import Final

_WRONG_PREFIXES: Final = frozenset({"v1", "v2", "openai", "anthropic", "api", "v1beta", "compatible-mode"})
_ELSEWHERE: Final = {
    "chat": "chat/completions",
    "chat/completion": "chat/completions",
    "generate": "completions",
    "completion": "completions",
    "complete": "messages",
    "tags": "models",
    "embed": "embeddings",
    "embedding": "embeddings",
    "health": "healthz",
    "ready": "readyz",
    "live": "healthz",
}
"""What other servers call it, without their prefixes."""
_PARAMETER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_MOST_PARTS: Final = 12


def meant_path(path: str, known_paths: frozenset[str]) -> str | None:
    """The known path that is left when all that is put right; None where there is none.

    Nothing of ``path`` is repeated: what stands for an id is written as ``{id}``.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) > _MOST_PARTS:
        return None
    for rest in _without_prefixes([part.strip().lower() for part in parts]):
        for known in sorted(known_paths):
            if known != path and _fits(rest, known):
                return _PARAMETER.sub(r"{\1}", known)
    return None


def _without_prefixes(parts: list[str]) -> Iterator[list[str]]:
    """The same with fewer and fewer wrong prefixes, each also as Carrel calls it."""
    while parts:
        yield parts
        if (other := _ELSEWHERE.get("/".join(parts))) is not None:
            yield other.split("/")
        if parts[0] not in _WRONG_PREFIXES:
            return
        parts = parts[1:]


def _fits(parts: list[str], known: str) -> bool:
    wanted = [part for part in known.split("/") if part]
    for start in ([], ["v1"]):
        mine = [*start, *parts]
        if len(mine) == len(wanted) and all(map(_same, mine, wanted)):
            return True
    return False


def _same(part: str, wanted: str) -> bool:
    return wanted.startswith("{") or part == wanted
