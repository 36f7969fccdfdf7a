"""What a bundle says of itself: every file on it, for whom it is and who signed that. Reads no file.

The signature says who made the bundle and nothing more: whether a recipe is approved, the box that
installs it decides by its own lights.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.errors import IntegrityFailed
from appliance.trust.signed import PublicKey, signer_of, verify
from appliance.weights.bundling.names import MOST_FILE_BYTES, check_name

KIND: Final = "bundle+jws"
FORMAT: Final = 1
MANIFEST: Final = "manifest.jws"
REFUSED: Final = "Nothing of it was taken; ask whoever made the bundle for another one."

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Bytes = Annotated[int, Meta(ge=0, le=2**50)]
Line = Annotated[str, Meta(max_length=500)]
Word = Annotated[str, Meta(min_length=1, max_length=120)]
RecipeId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}\Z")]
MemberKind = Literal["recipe", "license", "catalog", "blob", "program", "text"]


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of several files that a member is cut into, in order."""

    size_bytes: Annotated[int, Meta(ge=1, le=MOST_FILE_BYTES)]
    sha256: Sha256


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``name`` is its path in the bundle, with slashes; pieces have a dot and their number after it."""

    kind: MemberKind
    name: Annotated[str, Meta(min_length=1, max_length=300)]
    size_bytes: Bytes
    sha256: Sha256
    pieces: Annotated[tuple[Piece, ...], Meta(max_length=4096)] = ()

    def files(self) -> Iterator[tuple[str, Piece]]:
        """The files that it lies in, with what each has to be. An empty one has none to be copied."""
        if self.pieces:
            for number, piece in enumerate(self.pieces):
                yield f"{self.name}.{number:03}", piece
        else:
            yield self.name, Piece(self.size_bytes, self.sha256)


class RecipeLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One recipe on the bundle. ``sha256`` is of its TOML; ``forms`` are those whose files are here."""

    id: RecipeId
    revision: Annotated[int, Meta(ge=1, le=2**31)]
    title: Word
    sha256: Sha256
    forms: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=32)]
    approved_by: Line
    """As the box that made the bundle had it."""
    license: Word
    redistribution: Literal["yes", "same-terms"]
    acceptance: Literal["none", "institution", "person"] = "none"
    license_sha256: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    attribution: Annotated[str, Meta(max_length=4000)] = ""
    catalog: Annotated[str, Meta(max_length=80)] = ""
    """The signed catalog that lists it, whose metadata lie here too; empty: none."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole bundle. ``recipient`` is whom it was made for, in words."""

    format: Literal[1]
    created_ms: Annotated[int, Meta(ge=0, le=2**53)]
    recipient: Word
    version: Word
    """Of the Carrel that made it."""
    recipes: Annotated[tuple[RecipeLine, ...], Meta(min_length=1, max_length=256)]
    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=20_000)]

    def member(self, name: str) -> Member | None:
        """The one of that name, or None."""
        return next((one for one in self.members if one.name == name), None)

    @property
    def files(self) -> dict[str, Piece]:
        """Every file of the bundle but the manifest, by path."""
        return {name: piece for member in self.members for name, piece in member.files()}

    @property
    def size_bytes(self) -> int:
        """Of all members."""
        return sum(one.size_bytes for one in self.members)


def read_manifest(token: str) -> tuple[Manifest, PublicKey]:
    """What was signed, and by which key: one that the token names itself. Raises ``IntegrityFailed``."""
    key = signer_of(token)
    manifest = verify(token, KIND, key, Manifest)
    check(manifest)
    return manifest, key


def check(manifest: Manifest) -> None:
    """Refuse what the single fields cannot. Raises ``IntegrityFailed``."""
    _check_once([one.name for one in manifest.members])
    _check_once([one.id for one in manifest.recipes])
    for member in manifest.members:
        check_name(member.kind, member.name)
        _check_member(member)
    _check_apart([*(one.name for one in manifest.members), *manifest.files, MANIFEST])
    for line in manifest.recipes:
        _check_recipe(line, manifest)


def _check_member(member: Member) -> None:
    if member.pieces and sum(one.size_bytes for one in member.pieces) != member.size_bytes:
        raise IntegrityFailed(f"The pieces of {member.name} do not make up its size. {REFUSED}")
    if not member.pieces and member.size_bytes > MOST_FILE_BYTES:
        raise IntegrityFailed(f"{member.name} is larger than a stick's file can be. {REFUSED}")
    if member.pieces and member.kind != "blob":
        raise IntegrityFailed(f"{member.name} is in pieces, which only weights can be. {REFUSED}")
    if member.kind == "blob" and member.name != f"blobs/{member.sha256}":
        raise IntegrityFailed(f"{member.name} is not named after its hash. {REFUSED}")


def _check_apart(names: Iterable[str]) -> None:
    """No two paths are one on a stick, where case makes no difference, and no file is another's folder."""
    seen: dict[str, str] = {}
    for name in sorted(set(names)):
        if seen.setdefault(name.casefold(), name) != name:
            raise IntegrityFailed(f"Two files of the bundle are both {name}, but for upper case. {REFUSED}")
    for name in seen:
        parts = name.split("/")
        if any("/".join(parts[:depth]) in seen for depth in range(1, len(parts))):
            raise IntegrityFailed(f"A file of the bundle is also the folder of {name}. {REFUSED}")


def _check_recipe(line: RecipeLine, manifest: Manifest) -> None:
    toml = manifest.member(f"recipes/{line.id}.toml")
    if toml is None or toml.sha256 != line.sha256:
        raise IntegrityFailed(f"The recipe of {line.id} is not on the bundle. {REFUSED}")
    if line.redistribution == "same-terms" and not manifest.member(f"licenses/{line.license_sha256}.txt"):
        raise IntegrityFailed(f"The license of {line.id} has to be on the bundle, and is not. {REFUSED}")


def _check_once(names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise IntegrityFailed(f"The bundle names something twice. {REFUSED}")
