"""Where the files of a model can be had."""

from dataclasses import dataclass
from typing import Literal

SourceKind = Literal["hub", "https", "mirror", "folder"]


@dataclass(frozen=True, slots=True)
class WeightSource:
    """One place. Which fields it has depends on ``kind``; what comes from anywhere is checked by hash.

    ``hub``: ``repository`` (``owner/name``) at ``commit`` (40 hex digits) on the hub that the box's setting
    names. ``https``: a file lies at ``address/path``. ``mirror``: at ``address/<its sha256>``. ``folder``: at
    ``folder/path`` on this machine, a stick or a share; there it may also lie under its sha256.
    """

    kind: SourceKind
    repository: str = ""
    commit: str = ""
    address: str = ""
    folder: str = ""

    @property
    def label(self) -> str:
        """As people are told it."""
        return {
            "hub": f"hub {self.repository}",
            "https": self.address,
            "mirror": f"mirror {self.address}",
            "folder": f"folder {self.folder}",
        }[self.kind]
