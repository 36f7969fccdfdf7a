"""A worker over its memory limit is ended, and the reason says so: by the kernel, or by who watches."""

import os
from pathlib import Path

import pytest

from appliance.domain.model import ModelState
from appliance.workers.hanging import HangRule
from appliance.workers.memory import MemoryLimit

pytestmark = pytest.mark.slow

LIMIT_BYTES = 200 * 2**20
RULE = HangRule(beat_s=0.05)


@pytest.mark.parametrize("kept_by", ["the-kernel-where-it-can", "who-watches"])
async def test_a_worker_that_eats_memory_is_ended_for_it_and_comes_back(
    *, start_replica, spec, work, read_all, changes, monkeypatch, log, kept_by
):
    if kept_by == "who-watches":
        monkeypatch.setattr("appliance.workers.memory._own_groups", list)
    replica = await start_replica(spec(eat_memory_after_tokens=5), memory_limit_bytes=LIMIT_BYTES, hang=RULE)
    (wall,) = {"memory-limit", "memory-watched"} & set(replica.confinement)
    assert kept_by != "who-watches" or wall == "memory-watched"
    failed = (await read_all(replica.open(work(max_tokens=100))))[-1]
    assert failed.code == "replica_failed"
    assert failed.completion_tokens == 5
    assert replica.reason == "It used more memory than its limit of 200 MiB."
    await changes.until(lambda: replica.state is ModelState.READY)
    assert log.events("child_ended")[0]["reason"] == "It used more memory than its limit of 200 MiB."


async def test_a_worker_within_its_limit_is_left_alone(start_replica, spec, work, read_all):
    replica = await start_replica(spec(), memory_limit_bytes=LIMIT_BYTES, hang=RULE)
    await read_all(replica.open(work(max_tokens=200)))
    assert replica.restarts == 0


async def test_without_a_limit_nothing_is_promised(start_replica, spec):
    confinement = (await start_replica(spec())).confinement
    assert not {"memory-limit", "memory-watched"} & set(confinement)


class Version2(Path):
    """A folder that has a cgroup's files, as the kernel makes them, in every folder below it."""

    _flavour = type(Path())._flavour

    def mkdir(self, *more) -> None:
        super().mkdir(*more)
        for name in ("memory.max", "memory.swap.max", "memory.oom.group", "cgroup.procs"):
            (self / name).write_text("")
        (self / "memory.events").write_text("low 0\noom 0\noom_kill 0\n")

    def rmdir(self) -> None:
        for one in self.iterdir():
            one.unlink()
        super().rmdir()


def test_a_group_of_version_2_gets_the_limit_and_the_process_and_is_removed(tmp_path):
    place = Version2(tmp_path)
    (place / "cgroup.subtree_control").write_text("")
    limit = MemoryLimit(LIMIT_BYTES, [place])
    limit.take(41)
    group = place / f"carrel-worker-{os.getpid()}-41"
    assert (place / "cgroup.subtree_control").read_text() == "+memory"
    assert (group / "memory.max").read_text() == str(LIMIT_BYTES)
    assert (group / "memory.swap.max").read_text() == "0"
    assert (group / "cgroup.procs").read_text() == "41"
    assert limit.wall == ("memory-limit",)
    assert limit.objection(2**40) is None
    assert limit.why_killed() is None
    (group / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert "more memory than its limit of 200 MiB" in limit.why_killed()
    limit.release()
    assert not group.exists()


def test_empty_groups_of_a_gateway_that_is_gone_are_removed(tmp_path):
    place = Version2(tmp_path)
    (place / "cgroup.subtree_control").write_text("")
    left, ours = place / "carrel-worker-99999999-1", place / f"carrel-worker-{os.getpid()}-7"
    Path(left).mkdir()
    Path(ours).mkdir()
    MemoryLimit(LIMIT_BYTES, [place]).take(41)
    assert not left.exists()
    assert ours.exists()


def test_where_no_group_can_be_made_the_process_is_watched(tmp_path):
    limit = MemoryLimit(LIMIT_BYTES, [tmp_path / "absent", tmp_path])
    limit.take(41)
    assert limit.wall == ("memory-watched",)
    assert limit.objection(LIMIT_BYTES) is None
    assert "more memory" in limit.objection(LIMIT_BYTES + 1)
    assert not list(tmp_path.iterdir())
