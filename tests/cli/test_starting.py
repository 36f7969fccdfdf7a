"""`carrel up` waits for a box that takes requests, and tells why one never will."""

import sys

import pytest

from appliance.cli.launching import Detached, Unit, installed_unit
from appliance.cli.readiness import wait_until_up
from appliance.config.places import SYSTEM
from appliance.errors import CarrelError, GatewayNotRunning, NotReady
from tests.admin.fake_box import status


class Script:
    """Statuses as they come; the last one stays."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)

    def __call__(self):
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return step


class Dead:
    def start(self) -> None: ...

    def death(self) -> str | None:
        return "Port 7411 is taken."


DOWN = GatewayNotRunning("not yet")


def test_it_waits_for_the_gateway_then_its_models_then_the_api():
    answers = iter([False, True])
    steps = Script(DOWN, status(state="starting"), status())
    told = []
    up = wait_until_up(None, steps, answers=lambda _url: next(answers), progress=told.append)
    assert up.state == "ready"
    assert list(answers) == []
    assert told == ["text: text (text)"]


def test_a_degraded_box_is_up_with_its_reasons_told():
    told = []
    wait_until_up(None, Script(status(state="degraded")), answers=lambda _url: False, progress=told.append)
    assert told


def test_a_gateway_that_ends_is_told_with_its_reason():
    with pytest.raises(CarrelError, match="Port 7411 is taken"):
        wait_until_up(Dead(), Script(DOWN), answers=lambda _url: True, progress=print)


def test_a_box_that_takes_too_long_is_left_to_go_on():
    with pytest.raises(NotReady, match="still starting"):
        wait_until_up(None, Script(DOWN), answers=lambda _url: True, progress=print, limit_s=0.05)


def test_a_running_box_is_not_started_again(carrel, api):
    done = carrel("up", "--json")
    assert done.code == 0
    assert "already runs" in done.err
    assert done.document["url"] == api.url


def wait_for_death(launch: Detached) -> str:
    launch._process.wait(30)
    return launch.death()


def test_the_last_words_of_a_process_are_its_reason(carrel):
    command = (
        sys.executable,
        "-c",
        "import sys; print('first', flush=True); sys.exit('carrel: Port 7411 is taken.')",
    )
    launch = Detached(carrel.desk().places, {}, command)
    launch.start()
    assert wait_for_death(launch) == "Port 7411 is taken."


def test_a_process_without_last_words_leaves_its_code(carrel):
    launch = Detached(carrel.desk().places, {}, (sys.executable, "-c", "raise SystemExit(3)"))
    launch.start()
    assert wait_for_death(launch) == "it ended with code 3"


def test_the_process_has_the_environment_it_was_given_and_a_session_of_its_own(carrel):
    script = "import os; print(sorted(k for k in os.environ if k != 'LC_CTYPE'), os.getsid(0) == os.getpid())"
    launch = Detached(carrel.desk().places, {"CARREL_PORT": "7500"}, (sys.executable, "-c", script))
    launch.start()
    assert wait_for_death(launch) == "['CARREL_PORT'] True"


@pytest.fixture
def systemctl(tmp_path):
    """A systemctl that notes its words and answers as told: exit code and text."""

    def make(code: int, text: str) -> Unit:
        program = tmp_path / "systemctl"
        program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/words\necho {text}\nexit {code}\n')
        program.chmod(0o755)
        return Unit(str(program))

    return make


def test_a_unit_is_started_through_systemd(systemctl, tmp_path):
    unit = systemctl(0, "active")
    unit.start()
    assert unit.death() is None
    assert (tmp_path / "words").read_text().startswith("start carrel.service\n")


@pytest.mark.parametrize("state", ["failed", "inactive"])
def test_a_unit_that_ended_points_to_the_journal(systemctl, state):
    assert "journalctl -u carrel.service" in systemctl(0, state).death()


def test_a_unit_that_cannot_be_started_is_an_error(systemctl):
    with pytest.raises(CarrelError, match="journalctl"):
        systemctl(1, "").start()


def test_a_unit_that_systemd_does_not_know_is_not_installed(systemctl):
    assert not systemctl(1, "").is_installed()
    assert systemctl(0, "").is_installed()


def test_only_system_mode_has_a_unit(carrel):
    assert installed_unit(carrel.desk().places) is None
    assert SYSTEM.mode == "system"
