"""`carrel tui` without a terminal, and what it refuses before it begins."""

import pytest

from appliance.cli.tunnel import tunnel
from appliance.errors import BadRequest


def test_without_a_terminal_it_says_so_and_ends_with_2(carrel):
    done = carrel("tui")
    assert done.code == 2
    assert "carrel status --json" in done.out


def test_without_a_terminal_its_json_has_the_status(carrel):
    done = carrel("tui", "--json")
    assert done.code == 2
    assert '"shown":false' in done.out


def test_a_recording_needs_no_box(carrel):
    done = carrel("tui", "--replay", "tour", "--host", "box")
    assert done.code == 2
    assert "--replay" in done.err


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "a b", "a;b", "", "user@", "user@-x", "x\n"])
def test_what_ssh_could_take_for_something_else_is_no_host(host):
    with pytest.raises(BadRequest), tunnel(host):
        pass
