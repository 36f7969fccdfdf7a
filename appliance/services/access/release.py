"""The texts of agreements that come with Carrel."""

import hashlib
from pathlib import Path
from typing import Final

from appliance.domain.access import Agreement, AgreementKind

KINDS: Final[tuple[AgreementKind, ...]] = ("conduct", "access")
_FOLDER: Final = Path(__file__).with_name("texts")


def text_sha256(text: str) -> str:
    """Of its UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def release_texts(now_ms: int) -> tuple[Agreement, ...]:
    """As versions that would ask at once. Blocks."""
    texts = {kind: (_FOLDER / f"{kind}.txt").read_text(encoding="utf-8") for kind in KINDS}
    return tuple(
        Agreement(kind, text_sha256(text), text, now_ms, now_ms, "release") for kind, text in texts.items()
    )
