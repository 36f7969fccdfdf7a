"""The Linux calls that Python's library does not have, by ctypes. Each says only whether it succeeded."""

import ctypes
from typing import Final

# <linux/capability.h>
_CAPABILITY_VERSION_3: Final = 0x2008_0522


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def prctl(option: int, value: int) -> bool:
    """Of ``prctl(2)`` with one argument."""
    unused = ctypes.c_ulong(0)
    return bool(_libc().prctl(option, ctypes.c_ulong(value), unused, unused, unused) == 0)


def unshare(flags: int) -> bool:
    """Of ``unshare(2)``."""
    return bool(_libc().unshare(flags) == 0)


def drop_capabilities() -> bool:
    """By ``capset(2)`` of nothing: effective, permitted and inheritable."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    return bool(_libc().capset(ctypes.byref(header), ctypes.byref(nothing)) == 0)


def numbered_call(number: int, *arguments: "int | bytes | None") -> int:
    """By ``syscall(2)``, for calls that the C library does not name; -1 where the kernel refuses."""
    passed = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    library = _libc()
    library.syscall.restype = ctypes.c_long
    return int(library.syscall(ctypes.c_long(number), *passed))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
