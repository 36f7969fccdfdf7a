"""The folders: room on their disks, who may read them, whether the disk is encrypted."""

import os
import stat
from pathlib import Path
from typing import Final

from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.config import Places
from appliance.domain.results import Check

_GIB: Final = 2**30
_DEVICES: Final = Path("/sys/dev/block")


def room(
    id: str, folder: str, free_bytes: int, free_inodes: int, *, least_bytes: int, good_bytes: int
) -> Check:
    """Space on the disk of a folder. Without space for the ledger nothing is acknowledged."""
    reason = f"{free_bytes / _GIB:.1f} GiB free for {folder}"
    if free_bytes < least_bytes:
        return fail(id, reason, "free some space there, or move it: `carrel config set models_dir FOLDER`")
    if free_bytes < good_bytes:
        return warn(id, reason, "free some space there before adding models")
    if 0 < free_inodes < 1000:
        return warn(id, f"only {free_inodes} more files fit beside {folder}", "remove small files there")
    return ok(id, reason)


def privacy(id: str, folder: str, found: os.stat_result | None, uid: int, *, others: int) -> Check:
    """Nobody else does more with it than they may. ``others`` are the mode bits that nobody else may have."""
    if found is None:
        return ok(id, f"{folder} will be made at the first start")
    if uid not in {found.st_uid, 0}:
        return warn(
            id, f"{folder} belongs to another user", f"run this as the user that runs Carrel: ls -ld {folder}"
        )
    if found.st_mode & others:
        mode = stat.S_IMODE(found.st_mode)
        return fail(
            id, f"{folder} is open to others (mode {mode:04o})", f"chmod {mode & ~others:04o} {folder}"
        )
    return ok(id, f"{folder} is as closed as it should be (mode {stat.S_IMODE(found.st_mode):04o})")


def encryption(encrypted: bool | None) -> Check:
    """Whoever carries the disk away cannot read keys' hashes and models."""
    if encrypted:
        return ok("encryption", "the data folder lies on an encrypted disk")
    reason = (
        "the data folder's disk is not encrypted"
        if encrypted is False
        else "cannot tell if the disk is encrypted"
    )
    return warn(
        "encryption", reason, "put the data folder on a LUKS volume if the machine can be carried away"
    )


def look(places: Places, uid: int) -> list[Check]:
    """All of them, for these places."""
    data, models = _existing(places.data_dir), _existing(places.models_dir)
    socket = places.admin_socket
    return [
        _room("disk_data", places.data_dir, data, least_bytes=_GIB // 4, good_bytes=2 * _GIB),
        _room("disk_models", places.models_dir, models, least_bytes=_GIB // 10, good_bytes=10 * _GIB),
        privacy("data_folder", str(places.data_dir), _stat(places.data_dir), uid, others=0o077),
        privacy("runtime_folder", str(places.runtime_dir), _stat(places.runtime_dir), uid, others=0o002),
        privacy("admin_socket", str(socket), _stat(socket), uid, others=0o007),
        encryption(is_encrypted(data.stat().st_dev)),
    ]


def is_encrypted(device: int, devices: Path = _DEVICES) -> bool | None:
    """Whether a block device, or one it is made of, is dm-crypt; None where the kernel does not say."""
    entry = devices / f"{os.major(device)}:{os.minor(device)}"
    return _is_crypt(entry) if entry.exists() else None


def _is_crypt(entry: Path) -> bool:
    name = entry / "dm" / "uuid"
    if name.exists() and name.read_text(encoding="ascii").startswith("CRYPT-"):
        return True
    parts = entry / "slaves"
    return parts.is_dir() and any(_is_crypt(part) for part in parts.iterdir())


def _room(id: str, folder: Path, existing: Path, *, least_bytes: int, good_bytes: int) -> Check:
    found = os.statvfs(existing)
    free = found.f_bavail * found.f_frsize
    return room(id, str(folder), free, found.f_favail, least_bytes=least_bytes, good_bytes=good_bytes)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there and may be looked at."""
    return next(one for one in (folder, *folder.parents) if _stat(one) is not None)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
