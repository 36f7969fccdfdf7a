"""What pages load from others lies in the tree as it was locked, with its licenses."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "appliance" / "web" / "static" / "vendor"


@pytest.fixture(scope="module")
def vendoring():
    spec = importlib.util.spec_from_file_location("vendor_web", ROOT / "scripts" / "vendor_web.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["vendor_web"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copied(tmp_path):
    target = tmp_path / "vendor"
    target.mkdir()
    for path in VENDOR.iterdir():
        target.joinpath(path.name).write_bytes(path.read_bytes())
    return target


@pytest.fixture
def lock(vendoring):
    return vendoring.locked(ROOT / "packaging" / "web" / "package-lock.json")


def test_every_file_is_what_the_list_and_the_lock_say(vendoring, lock):
    assert vendoring.differences(VENDOR, lock) == []


def test_a_changed_a_missing_and_a_foreign_file_are_told(vendoring, lock, copied):
    copied.joinpath("htmx.min.js").write_bytes(b"alert(1)")
    copied.joinpath("purify.min.js").unlink()
    copied.joinpath("other.js").write_text("")
    assert vendoring.differences(copied, lock) == [
        "other.js is not in vendor.json",
        "purify.min.js is missing",
        "htmx.min.js is not what vendor.json says",
    ]


def test_another_version_in_the_lock_asks_to_vendor_again(vendoring, lock):
    newer = {**lock, "marked": {**lock["marked"], "version": "99.0.0"}}
    assert vendoring.differences(VENDOR, newer) == [
        "marked is not the version of the lock: run scripts/vendor_web.py"
    ]


def test_the_check_needs_no_network_and_no_node():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "vendor_web.py"), "--check"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_versions_are_pinned_exactly():
    wanted = json.loads((ROOT / "packaging" / "web" / "package.json").read_text())["dependencies"]
    assert all(version[0].isdigit() for version in wanted.values())


def test_every_package_s_license_text_is_there(vendoring):
    text = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    for row in json.loads((VENDOR / "vendor.json").read_text())["files"]:
        assert f"{row['name']} {row['version']} ({row['license']})" in text
    for words in ("Permission is hereby granted", "Apache License", "Zero-Clause BSD"):
        assert words in text


@pytest.mark.slow
def test_the_wheel_has_pages_and_what_they_load(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("static", "templates"):
        for path in (ROOT / "appliance" / "web" / folder).rglob("*"):
            if path.is_file():
                assert path.relative_to(ROOT).as_posix() in names
