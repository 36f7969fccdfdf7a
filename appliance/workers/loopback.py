"""The loopback interface of a network namespace of one's own: down in a new one."""

import fcntl
import socket
import struct
from typing import Final

_NAME: Final = b"lo"
# <linux/sockios.h> and <net/if.h>; struct ifreq is a name of 16 bytes and 24 for whatever is asked.
_GET_FLAGS: Final = 0x8913
_SET_FLAGS: Final = 0x8914
_REQUEST: Final = struct.Struct("16sH22x")
_UP: Final = 1


def raise_loopback() -> bool:
    """Bring it up; needs the capability CAP_NET_ADMIN in the namespace. Whether it is up."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            found = fcntl.ioctl(any_socket, _GET_FLAGS, _REQUEST.pack(_NAME, 0))
            _, flags = _REQUEST.unpack(found)
            fcntl.ioctl(any_socket, _SET_FLAGS, _REQUEST.pack(_NAME, flags | _UP))
    except OSError:
        return False
    return True
