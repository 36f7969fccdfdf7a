"""`config set` writes one value and leaves everything else as it was, whatever happens meanwhile."""

import stat
import subprocess
import sys

import pytest

from appliance.config.file import read_file, write_setting
from appliance.errors import ConfigInvalid, NotFound

WRITTEN = """\
# The lab's box, see ticket 12.
host = "127.0.0.1"   # do not open it up

port = 7500 # agreed with the network people
"""

DIES_BEFORE_THE_RENAME = """
import os, sys
from pathlib import Path
from appliance.config.file import write_setting
sys.addaudithook(lambda event, _: os._exit(9) if event == "os.rename" else None)
write_setting(Path(sys.argv[1]), "port", "7600")
"""


def test_comments_and_order_stay(machine):
    machine.file.write_text(WRITTEN)
    write_setting(machine.file, "port", "7600")
    assert machine.file.read_text() == WRITTEN.replace("7500", "7600")


def test_a_new_setting_goes_into_a_new_file(machine):
    file = machine.home / "etc" / "carrel.toml"
    write_setting(file, "allowed_hosts", "a.lab, b.lab")
    assert read_file(file) == {"allowed_hosts": ("a.lab", "b.lab")}


@pytest.mark.parametrize(("name", "text"), [("port", "0"), ("run_demo", "maybe"), ("models_dir", "here")])
def test_a_bad_value_changes_nothing(machine, name, text):
    machine.file.write_text(WRITTEN)
    with pytest.raises(ConfigInvalid):
        write_setting(machine.file, name, text)
    assert machine.file.read_text() == WRITTEN


def test_an_unknown_setting_is_not_found_and_the_nearest_is_named(machine):
    with pytest.raises(NotFound, match="`port`"):
        write_setting(machine.file, "prot", "1")
    assert not machine.file.exists()


def test_a_broken_value_can_be_mended_with_it(machine):
    machine.file.write_text("port = 0\n")
    write_setting(machine.file, "port", "7600")
    assert machine.file.read_text() == "port = 7600\n"


def test_a_file_that_stays_broken_is_not_written(machine):
    machine.file.write_text("prot = 1\n")
    with pytest.raises(ConfigInvalid, match="prot"):
        write_setting(machine.file, "port", "7600")
    assert machine.file.read_text() == "prot = 1\n"


def test_text_that_is_not_toml_is_left_for_hands(machine):
    machine.file.write_text("port =\n")
    with pytest.raises(ConfigInvalid, match="not TOML"):
        write_setting(machine.file, "port", "7600")
    assert machine.file.read_text() == "port =\n"


def test_a_crash_before_the_rename_leaves_the_old_file_whole(machine):
    machine.file.write_text(WRITTEN)
    died = subprocess.run([sys.executable, "-c", DIES_BEFORE_THE_RENAME, str(machine.file)], check=False)
    assert died.returncode == 9
    assert machine.file.read_text() == WRITTEN
    (left,) = machine.home.glob(".carrel.toml.*")
    assert "7600" in left.read_text()
    write_setting(machine.file, "port", "7700")
    assert read_file(machine.file)["port"] == 7700


def test_the_mode_of_the_file_stays(machine):
    machine.file.write_text(WRITTEN)
    machine.file.chmod(0o640)
    write_setting(machine.file, "port", "7600")
    assert stat.S_IMODE(machine.file.stat().st_mode) == 0o640


def test_a_linked_file_is_changed_where_it_lies(machine):
    real = machine.home / "managed.toml"
    real.write_text(WRITTEN)
    machine.file.symlink_to(real)
    write_setting(machine.file, "port", "7600")
    assert machine.file.is_symlink()
    assert "7600" in real.read_text()


def test_a_folder_that_cannot_be_made_is_said_so(machine):
    machine.file.write_text("")
    with pytest.raises(ConfigInvalid, match="cannot be"):
        write_setting(machine.file / "sub" / "carrel.toml", "port", "7600")
