"""A worker that shares its model with further processes: inside the walls, watched, and gone as one."""

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from appliance.domain.model import ModelState
from appliance.engines.base import Finished
from appliance.errors import ConfigInvalid, ReplicaFailed
from appliance.workers.frames import Load
from appliance.workers.hanging import HangRule
from appliance.workers.walls import build_walls
from tests.required import not_run, require_torch

MODEL = Path(__file__).parents[2] / "recipes" / "handbook-tiny"
FILES = ("config.json", "tokenizer.json", "generation_config.json", "model.safetensors")
LOOPBACK = "0100007F"
LISTENING = "0A"
LONG_S = 120
"""Nothing here takes so long: a start is two processes that import torch."""

ALONE = """
import encodings.ascii, encodings.idna, socket, sys
from appliance.confinement.confine import confine
from appliance.workers.loopback import raise_loopback
names = confine()
up = raise_loopback()
def reaches(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False
with socket.create_server(("127.0.0.1", 0)) as own:
    print("no-network" in names, up, reaches(own.getsockname()[1]), reaches(int(sys.argv[1])))
"""


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Go on only where a child gets a network of its own."""
    if said_alone(0)[0] != "True":
        not_run("this machine lets nobody have a network namespace")


@pytest.fixture
def shared(spec, namespaces):
    """Two ranks of the demo model, on the processor."""
    require_torch()
    fields = {"model_path": str(MODEL / "config.json"), "files": FILES, "precision": "float32"}
    return spec(
        "torch",
        **fields,
        ranks=2,
        split="tensor",
        gpu_layers=0,
        context_tokens=128,
        kv_tokens=512,
        max_sequences=4,
    )


def said_alone(port: int) -> list[str]:
    """Whether it has left the network, has its loopback up, reaches itself, and a port of ours."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(port)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def sockets_of(pid: int) -> list[tuple[str, str, str]]:
    """Own address, that of the other end and state of every TCP socket in the namespace of a process."""
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    lines += Path(f"/proc/{pid}/net/tcp6").read_text().splitlines()[1:]
    return [(one.split()[1], one.split()[2], one.split()[3]) for one in lines]


def interfaces_of(pid: int) -> set[str]:
    lines = Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
    return {line.split(":")[0].strip() for line in lines}


def test_a_group_is_refused_where_it_would_not_be_alone(spec):
    with pytest.raises(ConfigInvalid, match="network namespace of their own"):
        build_walls(Load("worker", spec("torch", ranks=2)), ("first-out-of-memory",))


def test_with_its_loopback_up_a_process_reaches_itself_and_nobody_else():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = said_alone(listener.getsockname()[1])
    left_network = said[0] == "True"
    assert said == (["True", "True", "True", "False"] if left_network else ["False", said[1], "True", "True"])


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_group_works_inside_its_walls_and_leaves_nothing(
    *, start_replica, shared, work, read_all, changes
):
    left_before = set(Path("/dev/shm").iterdir())
    replica = await start_replica(shared)
    answer = await read_all(replica.open(work(max_tokens=8)), LONG_S)
    assert isinstance(answer[-1], Finished)

    pids = replica.pids
    assert len(pids) == 2
    assert {os.getpgid(pid) for pid in pids} == {replica.pid}
    assert {"no-network", "no-capabilities", "no-new-privileges"} <= set(replica.confinement)
    assert "no-tcp" not in replica.confinement
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text()
        assert "NoNewPrivs:\t1\n" in status
        assert "CapEff:\t0000000000000000\n" in status
        assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
        assert interfaces_of(pid) == {"lo"}
        # No route to anywhere: the first line is the heading.
        assert len(Path(f"/proc/{pid}/net/route").read_text().splitlines()) == 1
    sockets = sockets_of(replica.pid)
    assert sum(state == LISTENING for _, _, state in sockets) >= 2
    assert {own.split(":")[0] for own, _, _ in sockets} == {LOOPBACK}

    await changes.until(lambda: replica.memory_bytes > 1.5 * resident(replica.pid), LONG_S)
    await replica.stop()
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert set(Path("/dev/shm").iterdir()) == left_before


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_end_of_any_rank_is_the_end_of_the_worker(
    *, start_replica, shared, work, read_all, changes, log
):
    """One worker, which is there again each time: to start two processes takes long."""
    replica = await start_replica(shared)
    said = 0
    for rank, works in itertools.product((0, 1), (False, True)):
        pids = replica.pids
        (other,) = pids - {replica.pid}
        stream = replica.open(work(max_tokens=100)) if works else None
        if stream:
            await anext(aiter(stream))
        os.kill((replica.pid, other)[rank], signal.SIGKILL)

        await changes.until(lambda: replica.state is not ModelState.READY, LONG_S)
        if stream:
            assert (await read_all(stream, LONG_S))[-1].code == "replica_failed"
        await changes.until(lambda: replica.state is ModelState.READY, LONG_S)

        assert replica.pids.isdisjoint(pids)
        assert isinstance((await read_all(replica.open(work(max_tokens=3)), LONG_S))[-1], Finished)
        said += rank
        printed = [str(one["line"]) for one in log.events("child_printed")]
        killed = "Process 2 of the 2 that share the model was killed by SIGKILL"
        assert sum(killed in one for one in printed) == said
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_rank_that_hangs_is_noticed(*, start_replica, shared, work, changes, log):
    replica = await start_replica(shared, hang=HangRule(silence_s=5, step_s=1, beat_s=0.1))
    pids = replica.pids
    (other,) = pids - {replica.pid}
    os.kill(other, signal.SIGSTOP)
    stream = replica.open(work(max_tokens=3))
    await changes.until(lambda: replica.state is not ModelState.READY, LONG_S)
    stream.cancel()
    assert "one step lasted" in str(replica.reason)
    await changes.until(lambda: replica.state is ModelState.READY, LONG_S)
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.slow
async def test_what_one_rank_cannot_open_is_told_as_the_reason(*, make_replica, shared):
    replica = make_replica(msgspec.structs.replace(shared, ranks=3))
    with pytest.raises(ReplicaFailed, match="cannot be shared equally by 3 processes"):
        await replica.start()
    async with asyncio.timeout(LONG_S):
        await replica.stop()
