"""What a flaw report has to be like, and what an accepted one is worth. Pure."""

import hashlib
import re
from typing import Final

import msgspec

from appliance.domain.prompts import ChatPrompt, Message, Prompt, Role, TextPrompt
from appliance.domain.reports import Report, Severity
from appliance.errors import BadRequest, Conflict

MOST_OPEN: Final = 20
"""Of one person, at once."""
MOST_TEXT_BYTES: Final = 16 * 1024
"""Of a prompt that is shared with the reviewers."""
MOST_PROMPT_BYTES: Final = 48 * 1024
"""Of a prompt that a case is seen again with: an operator's request has no more room."""
BOUNTIES: Final[dict[Severity, int]] = {
    "low": 1_000_000,
    "medium": 5_000_000,
    "high": 20_000_000,
    "critical": 50_000_000,
}
"""In micro-credits, for the project of whoever reported it."""
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class _Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: Role
    content: str


def prompt_sha256(text: str) -> str:
    """What a prompt is known by: SHA-256 of its bytes as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_prompt(text: str) -> Prompt:
    """A JSON list of turns with ``role`` and ``content`` is a conversation; anything else is text to go on
    from.
    """
    try:
        turns = msgspec.json.decode(text.encode(), type=list[_Turn])
    except msgspec.DecodeError:
        return TextPrompt(text)
    return ChatPrompt(tuple(Message(one.role, one.content) for one in turns)) if turns else TextPrompt(text)


def hash_of(prompt: str | None, given: str | None) -> str:
    """The prompt's hash, from the prompt or as it was computed elsewhere. Raises ``BadRequest``."""
    if prompt is None and given is None:
        raise BadRequest(
            "Give the prompt's SHA-256, or the prompt: it is hashed and forgotten.", param="prompt"
        )
    made = given.lower() if given is not None else ""
    if given is not None and not _HASH.fullmatch(made):
        raise BadRequest("`prompt_sha256` must be 64 hex digits.", param="prompt_sha256")
    if prompt is None:
        return made
    if made not in {"", prompt_sha256(prompt)}:
        raise BadRequest(
            "The prompt has another SHA-256 than the one that was given: hash its exact bytes.",
            param="prompt_sha256",
        )
    return prompt_sha256(prompt)


def check_share(prompt: str | None, *, share: bool, readers: int) -> None:
    """Whether a prompt may be kept for the reviewers. Raises ``BadRequest``, ``Conflict``."""
    if not share:
        return
    if prompt is None:
        raise BadRequest(
            "There is no prompt to share; send it, or leave out `share_text`.", param="share_text"
        )
    if len(prompt.encode()) > MOST_TEXT_BYTES:
        raise BadRequest(
            f"A prompt of at most {MOST_TEXT_BYTES} bytes can be shared; report it without `share_text`.",
            param="prompt",
        )
    if not readers:
        raise Conflict(
            "No reviewer has given a key that a prompt could be sealed to, so none is kept. Report it "
            "without `share_text`; this waits for a reviewer: `carrel sample key-add FILE`."
        )


def check_same_prompt(report: Report, prompt: str) -> None:
    """Raises ``BadRequest`` where this is not what was reported."""
    if prompt_sha256(prompt) != report.prompt_sha256:
        raise BadRequest(
            f"This is another prompt than the one of {report.id}: its SHA-256 is {prompt_sha256(prompt)}, "
            f"the reported one {report.prompt_sha256}. The exact bytes count, line ends too.",
            param="prompt_file",
        )
