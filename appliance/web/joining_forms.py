"""What a student sends to join, and the file for programs that they take along."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.services.classes.trusting import trusting

Code = Annotated[str, Meta(max_length=40)]


class JoinForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code, and the number of a seat or the wish to be a guest."""

    code: Code = ""
    number: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    guest: Literal["", "on"] = ""


class EnvForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key that was shown, to be written into the file: the box keeps none."""

    key: Annotated[str, Meta(pattern=r"^crl_[0-9A-Za-z_]{1,100}$")]


def env_file(*, key: str, base_url: str, model: str, needs_authority: bool) -> str:
    """``.env`` as OpenAI's clients and most others read it."""
    lines = [f"OPENAI_API_KEY={key}", f"OPENAI_BASE_URL={base_url}", f"OPENAI_MODEL={model}"]
    if needs_authority:
        lines.append("SSL_CERT_FILE=carrel-ca.crt")
    return "\n".join(lines) + "\n"


def trust_lines(url: str) -> str:
    """How a program of one's own trusts the box's authority, in a shell."""
    return trusting(url, "").card
