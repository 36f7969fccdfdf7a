"""What a hub says of its repositories: files, hashes, commit."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LARGE = frozenset({".gguf", ".safetensors", ".bin"})


@dataclass(frozen=True)
class HubFile:
    path: str
    place: Path

    @property
    def size(self) -> int:
        return self.place.stat().st_size

    @property
    def large(self) -> bool:
        """Kept in large-file storage, whose hash the hub tells."""
        return self.place.suffix in _LARGE

    @property
    def sha256(self) -> str:
        return _hashes(self.place, self.place.stat().st_mtime_ns)[0]

    @property
    def blob(self) -> str:
        return _hashes(self.place, self.place.stat().st_mtime_ns)[1]


@lru_cache(maxsize=256)
def _hashes(place: Path, _changed_ns: int) -> tuple[str, str]:
    """SHA-256, and SHA-1 as git has it."""
    sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % place.stat().st_size)
    with place.open("rb") as opened:
        while chunk := opened.read(1 << 22):
            sha256.update(chunk)
            blob.update(chunk)
    return sha256.hexdigest(), blob.hexdigest()


class Repository:
    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.files = tuple(
            HubFile(str(place.relative_to(folder)), place)
            for place in sorted(folder.rglob("*"))
            if place.is_file()
        )
        told = "\n".join(f"{file.path} {file.size}" for file in self.files)
        self.commit = hashlib.sha1(f"{name}\n{told}".encode()).hexdigest()
        card = folder / "license.txt"
        self.license = card.read_text().strip() if card.exists() else "apache-2.0"

    def find(self, path: str) -> HubFile | None:
        return next((file for file in self.files if file.path == path), None)

    def info(self, *, gated: bool, blobs: bool) -> bytes:
        siblings: list[dict[str, object]] = []
        for file in self.files:
            one: dict[str, object] = {"rfilename": file.path}
            if blobs:
                one |= {"size": file.size, "blobId": file.blob}
                if file.large:
                    one["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": 135}
            siblings.append(one)
        return json.dumps(
            {
                "id": self.name,
                "modelId": self.name,
                "sha": self.commit,
                "private": False,
                "gated": "manual" if gated else False,
                "disabled": False,
                "tags": [f"license:{self.license}"],
                "cardData": {"license": self.license},
                "siblings": siblings,
            }
        ).encode()

    def tree(self) -> bytes:
        return json.dumps(
            [
                {"type": "file", "oid": file.blob, "size": file.size, "path": file.path}
                | ({"lfs": {"oid": file.sha256, "size": file.size, "pointerSize": 135}} if file.large else {})
                for file in self.files
            ]
        ).encode()
