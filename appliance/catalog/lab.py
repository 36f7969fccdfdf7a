"""The lab's own recipes: each counts only with an approval that this box's key signed over its very bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.catalog.entries import Entry, entry
from appliance.catalog.recipes import decode_named, read_raw
from appliance.domain.approval import Approval, LeftOut
from appliance.errors import CarrelError, ConfigInvalid, IntegrityFailed
from appliance.trust.box_key import BoxKey
from appliance.trust.signed import verify

KIND: Final = "approval+jws"
MOST_TOKEN_BYTES: Final = 16_384
ReadKey = Callable[[], BoxKey]


class LabApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the box signs when a lab approves a recipe. ``sha256`` is of the TOML, and alone says which
    one; the rest is for people.
    """

    id: Annotated[str, Meta(min_length=1, max_length=80)]
    revision: Annotated[int, Meta(ge=1, le=2**31)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    who: Annotated[str, Meta(min_length=1, max_length=120)]
    at_ms: Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True, slots=True)
class LabRecipes:
    """``folder`` holds ``<id>.toml`` and ``<id>.approval``, and need not exist. The key is read when there is
    an approval to check.
    """

    folder: Path
    key: ReadKey

    def read(self) -> tuple[list[Entry], list[LeftOut]]:
        """Those that are approved, and why others are not. Raises nothing: one bad file harms no other."""
        entries: list[Entry] = []
        left_out: list[LeftOut] = []
        for path in sorted(self.folder.glob("*.toml")):
            try:
                entries.append(self._entry(path))
            except CarrelError as error:
                left_out.append(LeftOut(path.stem, "lab", error.message))
        return entries, left_out

    def _entry(self, path: Path) -> Entry:
        raw = read_raw(path)
        approval = self._approval(path)
        if approval.sha256 != hashlib.sha256(raw).hexdigest():
            raise IntegrityFailed(
                f"Recipe {path.name} was changed after it was approved; read it, then `carrel recipe "
                "approve` it again."
            )
        recipe = decode_named(raw, path.name)
        return entry(raw, recipe, Approval(by="lab", name=approval.who))

    def _approval(self, path: Path) -> LabApproval:
        try:
            with path.with_suffix(".approval").open("rb") as file:
                token = file.read(MOST_TOKEN_BYTES).decode("ascii", "replace").strip()
        except FileNotFoundError:
            raise ConfigInvalid(
                f"Recipe {path.name} is not approved; read it, then `carrel recipe approve` it."
            ) from None
        except OSError as error:
            raise ConfigInvalid(
                f"The approval of {path.name} cannot be read ({error.strerror}); see who owns it."
            ) from error
        key = self.key().public
        try:
            return verify(token, KIND, key, LabApproval)
        except IntegrityFailed as error:
            raise IntegrityFailed(
                f"The approval of {path.name} is damaged or another box's; read it, then `carrel recipe "
                "approve` it here."
            ) from error
