"""--demo: from nothing to an answer over HTTP, with the address and the key to go on with."""

import json
import re

import pytest

from tests.packaging.machines import Machine, listening, tree_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]


def test_the_demo_takes_a_port_that_is_free_answers_says_how_to_go_on_and_is_removed_whole(machine: Machine):
    """On a port that is free to begin with, what --model does the same way: see test_first_model."""
    before = tree_of(machine.root)
    with listening() as port:
        machine.environment["CARREL_PORT"] = str(port)
        done = machine.install("--demo")
        assert done.returncode == 0, done.stdout + done.stderr
    taken = re.search(r"Port (\d+) is in use by another program; the demo takes (\d+)", done.stdout)
    assert taken
    assert int(taken[1]) == port
    assert "question   Which port does Carrel listen on?" in done.stdout
    assert re.search(r"answer     .*7411", done.stdout)
    assert f"address    http://127.0.0.1:{taken[2]}/v1" in done.stdout
    assert re.search(r"key        crl_\S+ ", done.stdout)
    assert "Installed, started and asked in " in done.stdout
    assert json.loads(machine.carrel("status", "--json").stdout)["state"] == "ready"
    assert machine.carrel("down").returncode == 0
    assert machine.uninstall("--yes").returncode == 0
    assert tree_of(machine.root) == before
