"""Where everything lies, in each of the three modes."""

import stat
from dataclasses import replace
from pathlib import Path

from appliance.config import places_of, prepare_places
from appliance.config.places import SYSTEM, socket_of_box


def test_a_home_holds_everything(machine):
    places = machine.load().places
    assert places.mode == "home"
    found = (places.config_file, places.database, places.models_dir, places.admin_socket, places.log_file)
    assert [str(path.relative_to(machine.home)) for path in found] == [
        "carrel.toml",
        "data/carrel.db",
        "models",
        "run/admin.sock",
        "log/carrel.jsonl",
    ]


def test_root_is_in_system_mode(machine):
    machine.environ.clear()
    machine.uid = 0
    places = places_of(machine.around())
    assert places == SYSTEM
    assert places.config_file == Path("/etc/carrel/carrel.toml")
    assert places.pid_file == Path("/run/carrel/gateway.pid")


def test_others_use_their_own_folders(machine):
    machine.environ.clear()
    places = places_of(machine.around())
    assert places.mode == "user"
    assert places.config_file == machine.folders.config / "carrel.toml"
    assert places.runtime_dir == machine.folders.state / "run"


def test_a_service_that_is_not_root_can_be_in_system_mode(machine):
    machine.environ = {"CARREL_MODE": "system"}
    assert places_of(machine.around()) == SYSTEM


def test_missing_folders_are_made_private(machine):
    places = replace(machine.load().places, models_dir=machine.home / "deep" / "models")
    prepare_places(places)
    made = (places.data_dir, places.models_dir, places.models_dir.parent, places.runtime_dir, places.log_dir)
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in made} == {0o700}


def test_a_folder_that_exists_keeps_its_mode(machine):
    places = machine.load().places
    places.runtime_dir.mkdir(mode=0o750, parents=True)
    places.runtime_dir.chmod(0o750)
    prepare_places(places)
    assert stat.S_IMODE(places.runtime_dir.stat().st_mode) == 0o750


def test_a_user_without_a_box_talks_to_the_machines(machine):
    machine.environ.clear()
    own = places_of(machine.around())
    system = replace(SYSTEM, runtime_dir=machine.home)
    assert socket_of_box(own, system) == own.admin_socket
    system.admin_socket.touch()
    assert socket_of_box(own, system) == system.admin_socket
    own.admin_socket.parent.mkdir(parents=True)
    own.admin_socket.touch()
    assert socket_of_box(own, system) == own.admin_socket


def test_a_home_never_borrows_the_machines_box(machine):
    system = replace(SYSTEM, runtime_dir=machine.home)
    system.admin_socket.touch()
    own = places_of(machine.around())
    assert socket_of_box(own, system) == own.admin_socket
