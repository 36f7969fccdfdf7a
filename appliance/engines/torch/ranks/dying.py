"""A rank ends with rank 0, whatever ends that one."""

import ctypes
import os
import signal
import socket
import struct
from typing import Final

# <sys/prctl.h>
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4


def die_with(parent: socket.socket) -> bool:
    """Ask for it; False where the one at the other end of the socket is not the parent any more."""
    library = ctypes.CDLL(None)
    library.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    # Given back by execve(2), which the rank began with: its memory holds prompts.
    library.prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(0))
    credentials = parent.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(os.getppid() == struct.unpack("3i", credentials)[0])
