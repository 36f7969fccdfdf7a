"""Where a registry keeps what: settings, database, what it serves, and apart from that what it signs with.

``signing`` holds the keys of the catalog's root and of its own list. Nothing that answers boxes reads it, so
it may lie elsewhere, such as on a stick in a drawer.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RegistryFolder:
    """All paths below ``at``."""

    at: Path

    @property
    def toml(self) -> Path:
        """The settings; they may hold a password, so only their owner reads them."""
        return self.at / "registry.toml"

    @property
    def database(self) -> Path:
        """Of SQLite, where no other is set."""
        return self.at / "registry.db"

    @property
    def log_file(self) -> Path:
        """What happened while it answered boxes, as JSON lines."""
        return self.at / "registry.jsonl"

    @property
    def signing(self) -> Path:
        """The catalog as it is made, with the keys of its root and its own list."""
        return self.at / "signing"

    @property
    def web(self) -> Path:
        """What the process that answers boxes reads and writes."""
        return self.at / "web"

    @property
    def tuf(self) -> Path:
        """The catalog as boxes fetch it."""
        return self.web / "tuf"

    @property
    def keys(self) -> Path:
        """The keys of that process: for snapshot and timestamp, statements, and the status list."""
        return self.web / "keys"

    @property
    def statements_key(self) -> Path:
        """Signs whatever is said to one box."""
        return self.keys / "statements.pem"

    @property
    def status_key(self) -> Path:
        """Signs the list of leases that were taken back, and nothing else."""
        return self.keys / "status.pem"
