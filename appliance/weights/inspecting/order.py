"""What the inspecting process is asked, and what it answers: one JSON document each."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.domain.inspection import Inspection
from appliance.domain.recipe import Pooling, Precision

LONGEST_ORDER_BYTES: Final = 2**21
LONGEST_VERDICT_BYTES: Final = 2**20

_Line = Annotated[str, Meta(max_length=2000)]


class FileOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its name in the model, and where it lies now."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    path: Annotated[str, Meta(min_length=1, max_length=4096)]


class InspectOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The files of one form, the one that its engine opens first."""

    engine: Annotated[str, Meta(max_length=64)]
    files: Annotated[tuple[FileOrder, ...], Meta(min_length=1, max_length=4096)]
    context_tokens: Annotated[int, Meta(ge=1, le=2**26)] = 16
    pooling: Pooling = ""
    precision: Precision = ""

    @property
    def places(self) -> dict[str, Path]:
        """Where each name lies."""
        return {file.name: Path(file.path) for file in self.files}


class Sound(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sound"):
    """Nothing speaks against the files."""

    found: Inspection


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="refused"):
    """A sentence says why no engine may open them."""

    reason: _Line


Verdict = Sound | Refused

ORDER: Final = msgspec.json.Decoder(InspectOrder)
VERDICT: Final[msgspec.json.Decoder[Verdict]] = msgspec.json.Decoder(Verdict)
