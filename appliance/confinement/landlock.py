"""A child may open its model, its program and the devices it computes on, and nothing else.

Landlock, landlock(7): an ordinary process gives up files for good, itself and all threads that it starts
later. Which rights there are to give up depends on the kernel; what it does not know is left out.
"""

import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.confinement.system_calls import numbered_call

# <linux/landlock.h>; the numbers of the calls are the same on every architecture.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_TRUNCATE: Final = 1 << 14
_IOCTL_DEVICE: Final = 1 << 15
_RIGHTS_BY_VERSION: Final = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights there are, counted from the lowest bit; 16 in every later version."""
_NETWORK_SINCE: Final = 4
_TCP: Final = 0b11
_SCOPES_SINCE: Final = 6
_SCOPES: Final = 0b11
"""Abstract Unix sockets of others, and signals to others."""

_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_USE: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEVICE
_OF_FILES: Final = _EXECUTE | _USE


def keep_files(readable: Iterable[Path], usable: Iterable[Path], *, tcp: bool = False) -> tuple[str, ...]:
    """Keep reading what is below ``readable``, and any use of what is at and below ``usable``.

    Needs no-new-privileges. Paths that are not there are left out. TCP is given up as well, unless ``tcp``.
    Answers the names of the protections.
    """
    version = numbered_call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return ()
    rights = (1 << _RIGHTS_BY_VERSION.get(version, 16)) - 1
    attributes = _attributes(version, rights, 0 if tcp else _TCP)
    rules = numbered_call(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return ()
    try:
        for path in readable:
            _allow(rules, path, _READ & rights)
        for path in usable:
            # Shared memory is a folder in which files are made.
            _allow(rules, path, (rights if path.is_dir() else _USE) & rights)
        if numbered_call(_RESTRICT_SELF, rules, 0) != 0:
            return ()
    finally:
        os.close(rules)
    return ("few-files",) if tcp or version < _NETWORK_SINCE else ("few-files", "no-tcp")


def _attributes(version: int, rights: int, network: int) -> bytes:
    if version >= _SCOPES_SINCE:
        return struct.pack("=QQQ", rights, network, _SCOPES)
    if version >= _NETWORK_SINCE:
        return struct.pack("=QQ", rights, network)
    return struct.pack("=Q", rights)


def _allow(rules: int, path: Path, rights: int) -> None:
    with suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            fitting = rights if path.is_dir() else rights & _OF_FILES
            numbered_call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", fitting, place), 0)
        finally:
            os.close(place)
