"""What a hub says of a repository, and what lies in a folder."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One that a model could be made of. ``path`` has slashes; ``sha256`` is empty where nobody said it, as a
    hub does not of small text files.
    """

    path: str
    size_bytes: int
    sha256: str = ""

    @property
    def name(self) -> str:
        """As it will lie in the model's folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class HubListing:
    """Of one commit. All of it is the hub's word, not a fact."""

    repository: str
    commit: str
    files: tuple[ListedFile, ...]
    gated: bool = False
    """Its owners decide who gets the files."""
    license: str = ""
    """As its card names it; empty where it does not."""
    license_link: str = ""
