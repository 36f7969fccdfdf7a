"""What the box keeps of one catalog: python-tuf's own folder, the chain that was verified, and the files.

The chain is one file, replaced whole when everything that it lists is here: a refresh that fails, in whatever
way, leaves the old state. Files lie under their hash and are hashed again each time they are read.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from appliance.catalog.signed.chain import Chain, NotVerified
from appliance.catalog.signed.writing import locked, storing
from appliance.catalog.writing import sync_folder, write_unsettled, write_whole
from appliance.config.places import make_private

_MOST_CHAIN_BYTES = 64 * 2**20


class Cache:
    """``folder`` is made when something is written."""

    def __init__(self, folder: Path) -> None:
        self._chain = folder / "chain"
        self._files = folder / "files"
        self._folder = folder
        self.updating = folder / "updating"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Scope of the one process that refreshes. Raises ``StorageUnavailable``, ``ConfigInvalid``."""
        for one in (self._folder, self._files, self.updating):
            make_private(one)
        with storing("What was fetched of a catalog"), locked(self._folder):
            yield

    def chain(self) -> Chain | None:
        """The metadata that were verified last; None before the first refresh. Raises ``NotVerified``."""
        try:
            with self._chain.open("rb") as file:
                data = file.read(_MOST_CHAIN_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotVerified("what was kept of it cannot be read") from error
        try:
            return msgspec.msgpack.decode(data, type=Chain)
        except msgspec.DecodeError as error:
            raise NotVerified("what was kept of it is damaged") from error

    def keep_chain(self, chain: Chain) -> None:
        """From now on this counts, with every file that was kept before. Raises ``OSError``."""
        sync_folder(self._files)
        write_whole(self._chain, msgspec.msgpack.encode(chain), 0o600)

    def file(self, sha256: str, size_bytes: int) -> bytes | None:
        """A file if it is here and is what its hash says."""
        try:
            with (self._files / sha256).open("rb") as file:
                data = file.read(size_bytes + 1)
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 and len(data) == size_bytes else None

    def keep_file(self, sha256: str, data: bytes) -> None:
        """Raises ``OSError``."""
        write_unsettled(self._files / sha256, data, 0o600)

    def keep_only(self, hashes: Collection[str]) -> None:
        """Remove files that nothing lists any more. Raises ``OSError``."""
        for path in self._files.iterdir():
            if path.name not in hashes:
                path.unlink(missing_ok=True)
