"""A child of a root gateway becomes somebody else, who owns nothing on this machine."""

import os
import pwd
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

_Id = Annotated[int, Meta(ge=1, lt=2**32 - 1)]


class ChildUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """Whom a child becomes; never root."""

    uid: _Id
    gid: _Id
    groups: tuple[_Id, ...] = ()
    """Beside ``gid``: an operator can put the user into the group of the GPU devices."""


def child_user(name: str) -> ChildUser | None:
    """Whom children of this process can become: nobody where it is not root, or the name is no user's."""
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    if not found.pw_uid or not found.pw_gid:
        return None
    groups = os.getgrouplist(name, found.pw_gid)
    return ChildUser(found.pw_uid, found.pw_gid, tuple(one for one in groups if one))


def become(user: ChildUser, needed: Iterable[Path]) -> bool:
    """Become ``user`` for good, if that user may read everything in ``needed``; whether it was done.

    Clears the parent-death signal (prctl(2)).
    """
    wanted = [path for path in needed if path.exists()]
    if not _may_all_be_read_by(user, wanted):
        return False
    try:
        os.setgroups(user.groups)
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    except OSError:
        # Half of a change is none: who is still root goes on as root, and it is said.
        return os.getresuid() == (user.uid,) * 3
    return True


def with_entries(folders: Iterable[Path]) -> Iterator[Path]:
    """The folders, and what is directly in them."""
    for folder in folders:
        yield folder
        if folder.is_dir():
            yield from folder.iterdir()


def _may_all_be_read_by(user: ChildUser, paths: Iterable[Path]) -> bool:
    """Asks the kernel, as that user: modes, lists of rights and every folder above count."""
    groups = os.getgroups()
    try:
        os.setgroups(user.groups)
        os.setegid(user.gid)
        os.seteuid(user.uid)
        return all(os.access(path, _reading(path), effective_ids=True) for path in paths)
    except OSError:
        return False
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def _reading(path: Path) -> int:
    return os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK  # noqa: PTH112 - pathlib's raises when refused
