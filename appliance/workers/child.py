"""The program of every child, ``python -m appliance.workers.child FD``: confine, load, serve, exit.

FD is the inherited end of a socket pair that the gateway made. The child ends at once when the other end
closes.
"""

import faulthandler
import os
import socket
import struct
import sys
import traceback
from contextlib import suppress
from typing import Final

from appliance.confinement.confine import KEEP_NETWORK, confine, limit_memory
from appliance.engines.plugins import find_plugin
from appliance.errors import CarrelError
from appliance.workers.child_channel import ChildChannel, GatewayGone
from appliance.workers.frames import Fatal, FrameError, Load, PreparerReady, WorkerReady
from appliance.workers.walls import build_walls

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1


def main(sock: socket.socket, *, networked: bool = False) -> int:
    """Run one child's whole life; its exit status."""
    faulthandler.enable()
    confinement = confine(networked=networked)
    if _is_orphan(sock):
        return EXIT_OK
    channel = ChildChannel(sock)
    try:
        _live(sock, channel, confinement)
    except GatewayGone:
        return EXIT_OK
    except Exception as error:  # noqa: BLE001 - the one place where a child says that it cannot go on
        print(_where(error), file=sys.stderr)  # noqa: T201 - the gateway logs what a child prints
        with suppress(GatewayGone):
            channel.send(Fatal(_message(error)))
        return EXIT_FAILED
    return EXIT_OK


def _live(sock: socket.socket, channel: ChildChannel, confinement: tuple[str, ...]) -> None:
    load = channel.receive()
    if not isinstance(load, Load):
        raise FrameError(f"the first frame was {type(load).__name__}")
    confinement = tuple(dict.fromkeys(confinement + build_walls(load, confinement)))
    if _is_orphan(sock):
        return
    if load.role == "preparer":
        _prepare(load, channel, confinement)
    else:
        _work(load, channel, confinement)


def _prepare(load: Load, channel: ChildChannel, confinement: tuple[str, ...]) -> None:
    # Each role imports its own part, after the process was confined.
    from appliance.workers.preparing import Preparing, serve  # noqa: PLC0415

    plugin = find_plugin(load.spec.engine)
    preparing = Preparing(plugin.open_vocabulary(load.spec), load.spec)
    shapes = plugin.read_shapes(load.spec)
    channel.send(PreparerReady(shapes, confinement + limit_memory()))
    serve(preparing, channel)


def _work(load: Load, channel: ChildChannel, confinement: tuple[str, ...]) -> None:
    from appliance.workers.opening import open_engine  # noqa: PLC0415
    from appliance.workers.pulse import Pulse  # noqa: PLC0415
    from appliance.workers.resident import peak_bytes  # noqa: PLC0415
    from appliance.workers.worker_loop import serve  # noqa: PLC0415

    pulse = Pulse(channel, load.beat_s)
    pulse.start()
    engine = open_engine(find_plugin(load.spec.engine), load.spec, pulse.loading)
    pulse.loaded(engine)
    channel.send(WorkerReady(engine.facts, engine.free, confinement, peak_bytes()))
    serve(engine, channel, pulse)
    engine.close()


def _is_orphan(sock: socket.socket) -> bool:
    """Whether the gateway died before this process asked to die with it: another parent than who made the
    socket pair (unix(7), SO_PEERCRED).
    """
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(os.getppid() != struct.unpack("3i", credentials)[0])


def _message(error: Exception) -> str:
    """For the operator. Only our own errors are quoted: any other may hold a piece of a prompt."""
    if isinstance(error, CarrelError):
        return error.message
    return f"The process met an error that it does not know ({type(error).__name__}); its log says where."


def _where(error: Exception) -> str:
    """A traceback without messages and values, for the same reason."""
    places = (
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    )
    return "\n".join((type(error).__name__, *places))


if __name__ == "__main__":
    # Held to the end: the gateway takes a closed socket for a death.
    gateway = socket.socket(fileno=int(sys.argv[1]))
    status = main(gateway, networked=KEEP_NETWORK in sys.argv[2:])
    sys.stdout.flush()
    sys.stderr.flush()
    # A model library's own clean-up at exit can hang or crash; the kernel's cannot.
    os._exit(status)
