"""What a person reads at a terminal or through a pipe."""

import os
import subprocess
import sys

import msgspec
import pytest

from appliance.client.presenting.cells import day
from appliance.client.presenting.showing import present
from appliance.domain.amounts import size
from appliance.domain.results import BudgetState, KeyIssued, ModelDetail, ModelFile, ModelMemory
from tests.admin.fake_box import sample, status

PRINTS_STATUS = """
import os, pty, sys
from appliance.client.presenting.showing import present
from tests.admin.fake_box import status
present(status())
"""


def test_a_new_key_stands_alone_on_the_first_line(capsys):
    present(KeyIssued(key="crl_abc", id="k1", name="alice", project="default", expires_ms=None))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "crl_abc"
    assert "never" in lines[1]
    assert "not shown again" in lines[2]


@pytest.mark.parametrize("limit", [None, 10_000])
def test_a_budget_is_in_credits(capsys, limit):
    present(BudgetState(project="p", limit_micro=limit, spent_micro=1, held_micro=0))
    words = capsys.readouterr().out.split()
    assert words[words.index("limit") + 1] == ("none" if limit is None else "0.01")
    assert words[words.index("spent") + 1] == "0.000001"


def test_a_state_is_a_word_and_not_only_a_color(capsys):
    present(status())
    assert "ready" in capsys.readouterr().out


def test_lines_are_whole_where_no_terminal_is(capsys):
    long = "x" * 500
    present(sample(type(status()), long))
    assert long in capsys.readouterr().out


FILE = ModelFile(name="w.gguf", size_bytes=1, sha256="ab" * 32, present=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replicas": (), "files": ()}, "`carrel model fit text`"),
        ({"replicas": ()}, "`carrel model run text`"),
        ({"replicas": (), "files": (FILE,)}, "`carrel model pull text`"),
    ],
)
def test_a_model_that_does_not_run_says_what_can_be_done(capsys, changes, said):
    present(msgspec.structs.replace(sample(ModelDetail), **changes))
    assert said in capsys.readouterr().out


def test_what_is_not_known_has_no_empty_line(capsys):
    present(msgspec.structs.replace(sample(ModelDetail), eta_s=None, reason=None))
    out = capsys.readouterr().out
    assert "ready in" not in out
    assert "why" not in out


MEMORY = ModelMemory(
    planned_bytes=2**30, held_bytes=2**29, weight_bytes=2**28, cache_bytes=0, resident_bytes=2**29,
    gpu_bytes=0, gpus=(), engine_build="x", measured_ms=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "1.0 GiB planned, 512.0 MiB measured on the processor (weights 256.0 MiB)"),
        ({"planned_bytes": 0, "weight_bytes": 0}, "not planned, 512.0 MiB measured on the processor"),
        ({"gpus": (0, 1), "cache_bytes": 2**27}, "measured on GPUs (weights 256.0 MiB, KV cache 128.0 MiB)"),
    ],
)
def test_memory_is_shown_as_planned_and_as_measured(capsys, changes, said):
    memory = msgspec.structs.replace(MEMORY, **changes)
    present(msgspec.structs.replace(sample(ModelDetail), memory=memory))
    assert said in capsys.readouterr().out
    present(msgspec.structs.replace(sample(ModelDetail), memory=None))
    assert "measured on" not in capsys.readouterr().out


@pytest.mark.parametrize(("extra", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_color_unless_no_color_is_set(extra, colored):
    import pty

    own, terminal = pty.openpty()
    environ = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "COLUMNS": "200", **extra}
    subprocess.run([sys.executable, "-c", PRINTS_STATUS], stdout=terminal, env=environ, check=True)
    os.close(terminal)
    printed = os.read(own, 65536)
    os.close(own)
    assert b"ready" in printed
    assert (b"\x1b[32m" in printed) is colored


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 2**50, "5120.0 TiB")]
)
def test_sizes_have_a_unit(count, shown):
    assert size(count) == shown


@pytest.mark.parametrize(
    ("time_ms", "shown"), [(None, "never"), (0, "1970-01-01 00:00"), (10**18, "1000000000000000000 ms")]
)
def test_times_are_dates_in_utc(time_ms, shown):
    assert day(time_ms) == shown
