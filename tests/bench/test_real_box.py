"""`carrel bench` against a whole box: what it counted is what the ledger charged."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability.gateway_box import RECIPE, WEIGHTS
from tests.system.box import RealBox

pytestmark = pytest.mark.slow

RUN = """
import asyncio, pathlib, sys
from appliance.config import from_process
from appliance.wiring.running import run_gateway
asyncio.run(run_gateway(from_process({}), recipes=pathlib.Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory) -> Iterator[RealBox]:
    """A box that serves the fake engine."""
    tmp_path: Path = tmp_path_factory.mktemp("box")
    recipes = tmp_path / "recipes"
    (recipes / "babbler").mkdir(parents=True)
    (recipes / "babbler.toml").write_text(RECIPE)
    (recipes / "babbler" / "weights.gguf").write_bytes(WEIGHTS)
    program = (sys.executable, "-c", RUN, str(recipes))
    box = RealBox(tmp_path, program=program, extra={"CARREL_RUN_DEMO": "false"}).start()
    try:
        box.carrel("model", "run", "babbler")
        yield box
    finally:
        box.stop()


@pytest.mark.parametrize("load", [("--concurrency", "1,20"), ("--rate", "100")])
def test_the_bench_counts_what_the_ledger_charges(box: RealBox, load):
    before = len(box.rows())
    report = box.carrel("bench", *load, "--requests", "24", "--max-tokens", "5", "--warmup", "0")
    assert [(run["completed"], run["errors"]) for run in report["runs"]] == [(24, 0)] * len(report["runs"])
    assert report["model"] == "babbler"
    rows = box.rows()[before:]
    for column, counted in (("completion_tokens", "output_tokens"), ("prompt_tokens", "prompt_tokens")):
        assert sum(row[column] for row in rows) == sum(run[counted] for run in report["runs"])
    assert {one["state"] for one in box.carrel("key", "list")["keys"]} == {"revoked"}
