"""Removes what nobody can ask for any more, so that lists that come every day do not fill the disk."""

import time
from pathlib import Path
from typing import Final

from tuf.api.metadata import Root

from appliance.catalog.publishing.work_folder import WorkFolder, role_in, version_of
from appliance.catalog.signed.chain import delegated
from appliance.catalog.signed.fetching import METADATA, TARGETS

KEPT_VERSIONS: Final = 10
KEPT_S: Final = 86_400.0
"""A box in the middle of a refresh still finds what it was told of."""


def tidy(work: WorkFolder) -> int:
    """How many files went: old versions of lists, but never of the root, and files of organizations that no
    list names. Raises ``OSError``.
    """
    before_s = time.time() - KEPT_S
    gone = [path for path in (*_old_lists(work), *_unlisted(work)) if path.stat().st_mtime < before_s]
    for path in gone:
        path.unlink()
    return len(gone)


def _old_lists(work: WorkFolder) -> list[Path]:
    by_role: dict[str, list[Path]] = {}
    for path in (work.folder / METADATA).glob("*.*.json"):
        by_role.setdefault(role_in(path), []).append(path)
    return [
        path
        for role, paths in by_role.items()
        if role != Root.type
        for path in sorted(paths, key=version_of)[:-KEPT_VERSIONS]
    ]


def _unlisted(work: WorkFolder) -> list[Path]:
    listed = {
        name
        for role in delegated(work.targets())
        if work.latest(role)
        for info in work.open(role).signed.targets.values()
        for name in info.get_prefixed_paths()
    }
    targets = work.folder / TARGETS
    found = (path for path in (targets / "org").rglob("*") if path.is_file())
    return [path for path in found if path.relative_to(targets).as_posix() not in listed]
