"""The shape of one file in a recipe's TOML.

Its name becomes part of a path here, and ``path`` part of an address there: neither can lead out of where it
is put.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.domain.recipe import RecipeFile

_PART = r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}"


class FileToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the model. Only a draft may leave out what is not known of it."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")]
    size_bytes: Annotated[int, Meta(ge=1, le=2**50)] | None = None
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None
    path: Annotated[str, Meta(max_length=500, pattern=rf"^{_PART}(/{_PART}){{0,7}}\Z")] | None = None

    def value(self) -> RecipeFile:
        """The file as the rest of Carrel knows it."""
        return RecipeFile(
            name=self.name, size_bytes=self.size_bytes or 0, sha256=self.sha256 or "", path=self.path or ""
        )


def refuse_unknown(where: str, files: tuple[FileToml, ...]) -> None:
    """Raises ``ValueError`` for a file that could not be checked."""
    for file in files:
        for field in ("size_bytes", "sha256"):
            if getattr(file, field) is None:
                raise ValueError(
                    f"`{field}` of {file.name} in {where} is missing, and the recipe is no draft"
                )


def refuse_two_meanings(files: tuple[FileToml, ...]) -> None:
    """Files of all forms lie in one folder. Raises ``ValueError`` where a name means two of them."""
    seen: dict[str, FileToml] = {}
    for file in files:
        first = seen.setdefault(file.name, file)
        if (first.size_bytes, first.sha256) != (file.size_bytes, file.sha256):
            raise ValueError(f"{file.name} is named twice, with another `size_bytes` or `sha256`")
