"""What a child takes from itself before it loads, and what it never gets."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EVERY_CHILD = {"no-core-dumps", "no-new-privileges", "dies-with-parent", "first-out-of-memory"}

AS_ORDINARY_USER = """
import ctypes, encodings.ascii, encodings.idna, os, socket, sys
from appliance.confinement import confine
if os.getuid() == 0:
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
ctypes.CDLL(None).prctl(4, 1)
user, signal = os.getuid(), ctypes.c_int()
names = confine.confine()
ctypes.CDLL(None).prctl(2, ctypes.byref(signal))
dumpable = ctypes.CDLL(None).prctl(3)
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
    connected = True
except OSError:
    connected = False
print(*names, f"signal={signal.value}", f"dumpable={dumpable}")
print(f"connected={connected}", f"same-user={os.getuid() == user}")
"""


@pytest.fixture
async def port():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_worker_reports_the_protections_that_took_hold(start_replica, spec):
    assert set((await start_replica(spec())).confinement) >= EVERY_CHILD


async def test_a_preparer_also_has_a_memory_limit(start_preparer, spec):
    assert set((await start_preparer(spec())).confinement) >= EVERY_CHILD | {"memory-limit"}


async def test_a_worker_without_network_connects_to_nothing(start_replica, spec, rogue_environment, port):
    replica = await start_replica(
        spec("rogue", say="connect", argument=port), child_environment=rogue_environment
    )
    connected = replica.facts.engine_build == "connected"
    assert connected is ("no-network" not in replica.confinement)


def test_an_ordinary_user_is_confined_as_well():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = subprocess.run(
            [sys.executable, "-c", AS_ORDINARY_USER, str(listener.getsockname()[1])],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.split()
    assert set(said) >= (EVERY_CHILD - {"first-out-of-memory"}) | {"signal=9", "dumpable=0", "same-user=True"}
    assert f"connected={'no-network' not in said}" in said


async def test_the_kernel_agrees(start_replica, spec, rogue_environment):
    replica = await start_replica(spec("rogue", say="status"), child_environment=rogue_environment)
    status = dict(line.split(":\t", 1) for line in replica.facts.engine_build.splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    limits = Path(f"/proc/{replica.pid}/limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


async def test_a_child_sees_nothing_of_the_gateways_environment(
    start_replica, spec, rogue_environment, monkeypatch
):
    monkeypatch.setenv("CARREL_SECRET", "crl_secret")
    monkeypatch.setenv("HOME", "/home/secret")
    replica = await start_replica(
        spec("rogue", say="environment"), child_environment={**rogue_environment, "OMP_NUM_THREADS": "1"}
    )
    names = set(replica.facts.engine_build.split(","))
    own = {"PATH", "LANG", "LC_ALL", "PYTHONUNBUFFERED", "TORCHINDUCTOR_CACHE_DIR"}
    assert names == own | {"PYTHONPATH", "OMP_NUM_THREADS"}


async def test_a_worker_imports_nothing_of_the_gateway(start_replica, spec, rogue_environment):
    replica = await start_replica(spec("rogue", say="modules"), child_environment=rogue_environment)
    modules = set(replica.facts.engine_build.split(","))
    assert not modules & {"asyncio", "sqlite3", "litestar", "jinja2", "llama_cpp", "appliance.store"}
    assert "appliance.workers.worker_loop" in modules


@pytest.fixture
def elsewhere(tmp_path_factory):
    """A file that is neither model nor program; anybody might read and write it."""
    path = tmp_path_factory.mktemp("elsewhere") / "carrel.db"
    path.write_text("keys")
    path.chmod(0o666)
    return path


async def test_a_worker_opens_no_file_but_its_own(start_replica, spec, rogue_environment, elsewhere):
    replica = await start_replica(
        spec("rogue", say="open", argument=elsewhere), child_environment=rogue_environment
    )
    refused = replica.facts.engine_build == "PermissionError+PermissionError"
    assert refused is ("few-files" in replica.confinement)


@pytest.mark.parametrize("path", ["/dev/null", "/proc/self/status", "/usr/bin/env", __file__])
async def test_a_worker_reads_its_program_and_the_system(start_replica, spec, rogue_environment, path):
    replica = await start_replica(
        spec("rogue", say="open", argument=path), child_environment=rogue_environment
    )
    assert replica.facts.engine_build.startswith("opened")


async def test_a_worker_reads_the_folder_of_its_model(start_replica, spec, rogue_environment, elsewhere):
    beside = elsewhere.parent / "second-part.gguf"
    beside.write_text("weights")
    replica = await start_replica(
        spec("rogue", model_path=str(elsewhere), say="open", argument=beside),
        child_environment=rogue_environment,
    )
    assert replica.facts.engine_build.startswith("opened")
    if "few-files" in replica.confinement:
        assert replica.facts.engine_build == "opened+PermissionError"


async def test_no_child_has_a_capability(start_replica, spec, rogue_environment):
    replica = await start_replica(spec("rogue", say="status"), child_environment=rogue_environment)
    assert "no-capabilities" in replica.confinement
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert f"{name}:\t0000000000000000\n" in replica.facts.engine_build
