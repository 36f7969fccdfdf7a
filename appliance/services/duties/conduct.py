"""Whether the code of conduct is signed for a project."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.access import AgreementKind, Signature


class Signatures(Protocol):
    """The book of agreements."""

    def accepted(self, kind: AgreementKind) -> frozenset[str]:
        """Hashes of the versions whose signatures count now."""
        ...

    def signatures(self, person: str, project: str) -> tuple[Signature, ...]:
        """A person's own, and those for a project."""
        ...


class Leads(Protocol):
    """Who leads what."""

    def leads(self, project_id: str) -> Sequence[str]:
        """Ids of those who lead it."""
        ...


class SignedConduct:
    """By one who leads the project, or for all of it."""

    def __init__(self, book: Signatures, directory: Leads) -> None:
        self._book = book
        self._directory = directory

    def signed(self, project_id: str) -> bool:
        """Of a version that still counts."""
        counting = self._book.accepted("conduct")
        return any(
            one.kind == "conduct" and one.text_sha256 in counting
            for person in (*self._directory.leads(project_id), "")
            for one in self._book.signatures(person, project_id)
        )
