"""Root's install where systemd runs: places, user, unit. systemd is a recorder, the folders are copies."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.machines import SOURCE, Machine
from tests.packaging.test_ordinary_user import python_for_all
from tests.required import not_run

TEMPLATE = SOURCE / "packaging" / "carrel.service"

# In a mount namespace of its own: everything that the installer writes outside its prefix is a copy or empty.
SYSTEM_OF_ITS_OWN = """
set -e
mount -t tmpfs tmpfs "$SCRATCH"
for folder in /etc /usr/local; do
  own="$SCRATCH$folder"
  mkdir -p "$own/upper" "$own/work"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$own/upper,workdir=$own/work" "$folder"
done
for folder in /opt /run /var/lib /var/log; do mount -t tmpfs tmpfs "$folder"; done
mkdir -p /run/systemd/system
snapshot() { find /etc /opt /run /var/lib /var/log /usr/local/bin | sort; cat /etc/passwd /etc/group; }
snapshot >"$REPORT/before"
bash "$INSTALL" --wheelhouse "$WHEELS"
cp /etc/systemd/system/carrel.service "$REPORT/unit"
stat -c '%n %a %U' /etc/carrel /var/lib/carrel /var/log/carrel >"$REPORT/places"
as_carrel="setpriv --reuid=carrel --regid=carrel --init-groups"
CARREL_MODE=system $as_carrel /usr/local/bin/carrel config get port --json >"$REPORT/as-carrel"
bash "$INSTALL" --uninstall --yes
snapshot >"$REPORT/after"
"""


def filled_in(**names: str) -> str:
    text = TEMPLATE.read_text()
    for name, value in names.items():
        text = text.replace(f"@{name}@", value)
    return text


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that exists here."""
    text = filled_in(
        PREFIX="/opt/carrel", USER="daemon", PROTECT_HOME="yes", MODELS_DIR="/var/lib/carrel/models"
    )
    path = tmp_path / "carrel.service"
    path.write_text(text.replace("/opt/carrel/bin/carrel", "/bin/true"))
    return path


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        not_run("systemd-analyze is not installed")
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path):
    done = analyze("verify", str(unit))
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_unit_stays_within_the_exposure_that_was_set_for_it(unit: Path):
    done = analyze("security", "--offline=true", "--threshold=35", str(unit))
    assert done.returncode == 0, done.stdout


def test_no_name_is_left_open_in_the_unit(unit: Path):
    assert re.findall(r"@[A-Z_]+@", unit.read_text()) == []


@pytest.mark.parametrize(
    "hides", ["PrivateDevices=", "DeviceAllow=", "RestrictNamespaces=", "MemoryDenyWriteExecute="]
)
def test_the_unit_hides_no_gpu_and_lets_workers_leave_the_network(hides):
    lines = TEMPLATE.read_text().splitlines()
    assert not [line for line in lines if line.startswith(hides)]


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_root_with_systemd_gets_user_unit_and_places_and_loses_them_again(machine: Machine, tools: Path):
    if os.geteuid() != 0:
        not_run("only root installs for the whole machine")
    python_for_all()
    report, calls = machine.root / "report", machine.root / "report" / "systemctl"
    report.mkdir()
    (machine.root / "scratch").mkdir()
    (tools / "systemctl").write_text(f'#!/bin/sh\necho "$@" >>{calls}\n')
    (tools / "systemctl").chmod(0o755)
    del machine.environment["CARREL_HOME"]
    machine.environment |= {
        "PATH": str(tools),
        "SCRATCH": str(machine.root / "scratch"),
        "REPORT": str(report),
        "WHEELS": str(machine.wheelhouse),
        "INSTALL": str(machine.source / "packaging" / "install.sh"),
    }

    done = machine.run("unshare", "--mount", "bash", "-c", SYSTEM_OF_ITS_OWN)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "carrel.service, user carrel" in done.stdout
    assert "Nothing is listening yet. Next: " in done.stdout
    unit = (report / "unit").read_text()
    assert "ExecStart=/opt/carrel/bin/carrel serve" in unit
    assert "User=carrel\n" in unit
    assert "ProtectHome=yes" in unit
    assert (report / "places").read_text().splitlines() == [
        "/etc/carrel 755 root",
        "/var/lib/carrel 700 carrel",
        "/var/log/carrel 700 carrel",
    ]
    assert '"port"' in (report / "as-carrel").read_text()
    assert calls.read_text().splitlines() == [
        "daemon-reload",
        "enable --quiet carrel.service",
        "disable --now carrel.service",
        "daemon-reload",
    ]
    assert (report / "after").read_text() == (report / "before").read_text()
