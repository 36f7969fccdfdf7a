"""A blob store with files in it, for tests."""

import hashlib
from pathlib import Path

from appliance.domain.recipe import RecipeFile
from appliance.weights.blobs import BlobStore


def file_of(contents: bytes, name: str = "model.gguf") -> RecipeFile:
    return RecipeFile(name, len(contents), hashlib.sha256(contents).hexdigest())


def fetched(store: BlobStore, contents: bytes, name: str = "model.gguf") -> RecipeFile:
    """As a download leaves it: written under another name, its hash seen."""
    file = file_of(contents, name)
    store.prepare()
    store.part(file.sha256).write_bytes(contents)
    return file


def adopted(store: BlobStore, contents: bytes, name: str = "model.gguf") -> RecipeFile:
    file = fetched(store, contents, name)
    store.adopt(file)
    return file


def everything_in(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}
