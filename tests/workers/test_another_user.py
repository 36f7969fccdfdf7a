"""A child of root becomes somebody else, unless that user could not read what the child needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.workers.dropping import ChildUser, child_user
from appliance.workers.supervision import ChildSettings

NOBODY = ChildUser(65534, 65534)

BECOME = """
import ctypes, os, sys
from pathlib import Path
from appliance.workers.dropping import ChildUser, become
from appliance.confinement.confine import confine, shut
from appliance.confinement.system_calls import drop_capabilities
confine()
done = become(ChildUser(65534, 65534), map(Path, sys.argv[1:]))
dropped = drop_capabilities()
shut()
signal = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(signal))
ids = (*os.getresuid(), *os.getresgid(), *os.getgroups())
print(done, *ids, dropped, signal.value, ctypes.CDLL(None).prctl(3))
print(open("/proc/self/status").read().split("CapEff:")[1].split()[0])
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def said_after_becoming(*needed: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", BECOME, *map(str, needed)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd="/",
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return done.stdout.split()


@pytest.fixture
def readable(tmp_path_factory) -> Path:
    """Under a folder that anybody may pass."""
    path = Path(tmp_path_factory.mktemp("model")) / "weights.gguf"
    path.write_text("weights")
    for one in (path, *path.parents):
        if one == Path("/tmp"):
            break
        one.chmod(0o755)
    return path


@as_root
def test_who_becomes_another_user_has_nothing_of_root_left(readable):
    said = said_after_becoming(readable, readable.parent)
    assert said == ["True", *["65534"] * 6, "True", "9", "0", "0000000000000000"]


@as_root
@pytest.mark.parametrize("closed", ["the file", "its folder"])
def test_a_model_that_the_other_user_cannot_read_keeps_the_child_who_it_is(readable, closed):
    (readable if closed == "the file" else readable.parent).chmod(0o700)
    said = said_after_becoming(readable)
    assert said[:7] == ["False", *["0"] * 6]
    assert said[-1] == "0000000000000000"


@as_root
async def test_a_child_tells_whether_it_became_somebody_else(start_replica, spec):
    replica = await start_replica(spec(), settings=ChildSettings(user=NOBODY))
    (told,) = {"other-user", "stays-root"} & set(replica.confinement)
    status = Path(f"/proc/{replica.pid}/status").read_text()
    uids = status.split("Uid:")[1].splitlines()[0].split()
    assert uids == ["65534" if told == "other-user" else "0"] * 4


@as_root
def test_the_user_is_looked_up_by_name():
    found = child_user("nobody")
    assert found is not None
    assert found.uid != 0
    assert child_user("root") is None
    assert child_user("no-such-user-here") is None


async def test_without_root_nobody_becomes_anybody(start_replica, spec):
    confinement = (await start_replica(spec())).confinement
    assert not {"other-user", "stays-root"} & set(confinement)
