"""The shapes of ``[[sources]]`` in a recipe's TOML: where files can be had. Reads no file, asks nobody."""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.domain.source import WeightSource
from appliance.errors import ConfigInvalid
from appliance.outbound.address import Address

AddressText = Annotated[str, Meta(min_length=8, max_length=500)]
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"


class HubToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="hub"):
    """A repository of the hub that the box's setting names. Only a draft may leave out the commit."""

    repository: Annotated[str, Meta(pattern=rf"^{_NAME}/{_NAME}\Z")]
    commit: Annotated[str, Meta(pattern=r"^[0-9a-f]{40}\Z")] | None = None

    def value(self) -> WeightSource:
        """The place as the rest of Carrel knows it."""
        return WeightSource("hub", repository=self.repository, commit=self.commit or "")


class HttpsToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="https"):
    """A server: each file lies at ``address/path``."""

    address: AddressText

    def __post_init__(self) -> None:
        """Refuse what is no address; the decoder turns ``ValueError`` into a validation error."""
        _check_address(self.address)

    def value(self) -> WeightSource:
        """The place as the rest of Carrel knows it."""
        return WeightSource("https", address=self.address.rstrip("/"))


class MirrorToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="mirror"):
    """A server that knows files by hash: each lies at ``address/sha256``."""

    address: AddressText

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        _check_address(self.address)

    def value(self) -> WeightSource:
        """The place as the rest of Carrel knows it."""
        return WeightSource("mirror", address=self.address.rstrip("/"))


class FolderToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="folder"):
    """A folder of this machine: a stick, or a share."""

    folder: Annotated[str, Meta(max_length=500, pattern=r"^/[^\x00-\x1f\x7f]*\Z")]

    def __post_init__(self) -> None:
        """Refuse a way back up."""
        if ".." in self.folder.split("/"):
            raise ValueError("`folder` must not go back with `..`")

    def value(self) -> WeightSource:
        """The place as the rest of Carrel knows it."""
        return WeightSource("folder", folder=self.folder.rstrip("/") or "/")


SourceToml = HubToml | HttpsToml | MirrorToml | FolderToml
Sources = Annotated[tuple[SourceToml, ...], Meta(max_length=16)]


def refuse_moving(where: str, sources: tuple[SourceToml, ...]) -> None:
    """Raises ``ValueError`` for a repository without a commit: what is there changes."""
    for source in sources:
        if isinstance(source, HubToml) and source.commit is None:
            raise ValueError(
                f"`commit` of {source.repository} in {where} is missing, and the recipe is no draft"
            )


def _check_address(text: str) -> None:
    """http:// is for this machine and private networks, by number: what comes is checked by hash."""
    try:
        Address.parse(text, plain_http=True)
    except ConfigInvalid as error:
        raise ValueError(error.message) from None
