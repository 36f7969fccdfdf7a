"""Copies a catalog to where boxes read it, in an order in which none of them ever sees a mix: files, lists,
snapshot, roots, and the timestamp last, each whole.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Root, Snapshot, Timestamp

from appliance.catalog.publishing.work_folder import WorkFolder, role_in, version_of
from appliance.catalog.signed.chain import Chain, NotVerified, VerifiedChain, delegated, verify_chain
from appliance.catalog.signed.fetching import METADATA, TARGETS
from appliance.catalog.signed.names import role_of
from appliance.catalog.writing import write_whole
from appliance.errors import Conflict, IntegrityFailed


def publish(work: WorkFolder, to: Path, *, now: Callable[[], datetime]) -> int:
    """How many files were new there. Raises ``IntegrityFailed`` and ``Conflict`` for what no box would take,
    or would take for older than what it knows, and ``OSError``.
    """
    if work.is_catalog:
        _check(work, int(now().timestamp() * 1000))
        _check_newer(work, to)
    copied = 0
    for path in _in_order(work):
        there = to / path.relative_to(work.folder)
        data = path.read_bytes()
        if there.exists() and there.read_bytes() == data:
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        write_whole(there, data)
        copied += 1
    return copied


def own_chain(work: WorkFolder) -> tuple[bytes, Chain]:
    """The first root and all that follows from it, as a box would have it."""
    metadata = (work.folder / METADATA).glob("*.json")
    roots = sorted((path for path in metadata if role_in(path) == Root.type), key=version_of)
    data = [path.read_bytes() for path in roots]
    roles = {role: path.read_bytes() for role in delegated(work.targets()) if (path := work.latest(role))}
    chain = Chain(
        roots=tuple(data),
        timestamp=_newest(work, Timestamp.type),
        snapshot=_newest(work, Snapshot.type),
        targets=_newest(work, role_of("")),
        roles=roles,
    )
    return data[0], chain


def _check(work: WorkFolder, now_ms: int) -> VerifiedChain:
    try:
        verified = verify_chain(*own_chain(work))
    except NotVerified as error:
        raise IntegrityFailed("The catalog does not fit together; sign it: `carrel catalog sign`.") from error
    if verified.expires_ms <= now_ms:
        raise Conflict("A list of the catalog has expired; sign it anew: `carrel catalog sign --help`.")
    return verified


def _check_newer(work: WorkFolder, to: Path) -> None:
    there = WorkFolder(to, work.keyring, now=work.now)
    if there.latest(Timestamp.type) is None:
        return
    if (to / METADATA / "1.root.json").read_bytes() != (work.folder / METADATA / "1.root.json").read_bytes():
        raise Conflict("Another catalog is published there; choose another folder.")
    if there.timestamp().version > work.timestamp().version:
        raise Conflict("What is published there is newer than this folder; work on its newest copy.")


def _newest(work: WorkFolder, role: str) -> bytes:
    path = work.latest(role)
    if path is None:
        raise IntegrityFailed(f"The catalog has no {role}; put back its backup.")
    return path.read_bytes()


def _in_order(work: WorkFolder) -> list[Path]:
    """Every file that is listed now or was signed once."""
    metadata = sorted((work.folder / METADATA).glob("*.json"))
    last = {Snapshot.type: 1, Root.type: 2, Timestamp.type: 3}
    files = sorted(path for path in (work.folder / TARGETS).rglob("*") if path.is_file())
    return [*files, *sorted(metadata, key=lambda path: last.get(role_in(path), 0))]
