"""The shape of one file in a recipe's TOML."""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.domain.recipe import RecipeFile


class FileToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the model."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")]
    size_bytes: Annotated[int, Meta(ge=1, le=2**50)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]

    def value(self) -> RecipeFile:
        """The file as the rest of Carrel knows it."""
        return RecipeFile(name=self.name, size_bytes=self.size_bytes, sha256=self.sha256)
