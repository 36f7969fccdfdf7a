"""--model: installed, fetched, verified, run and asked; and what it says where that cannot be."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.packaging.machines import SOURCE, THIS_PYTHON, Machine

DEMO = SOURCE / "recipes" / "handbook-tiny"
LISTED = """{"models": [
 {"id": "small", "license": "MIT", "size_bytes": 1500000000, "reason": "not on disk"},
 {"id": "small@f16", "license": "MIT", "size_bytes": 3000000000},
 {"id": "huge", "license": "LicenseRef-X", "size_bytes": 900000000000, "reason": "not on disk"},
 {"id": "coming", "license": "MIT", "size_bytes": 0, "reason": "a draft: it can be planned for, not run"},
 {"id": "elsewhere", "license": "MIT", "size_bytes": 0, "leaves_box": "host"}
]}"""


def test_the_list_says_of_each_model_whether_it_fits_and_what_a_draft_lacks(tmp_path: Path):
    """The functions of the installer with another `carrel`."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(THIS_PYTHON)
    script = f"""
set -euo pipefail
PREFIX={tmp_path}
carrel() {{
  case "$1 $2" in
    'model list') printf '%s' '{LISTED}' ;;
    'model fit') [[ $3 == small ]] ;;
  esac
}}
. {SOURCE}/packaging/first_model.sh
list_models
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split("\t") for line in done.stdout.splitlines())
    assert list(lines) == ["small", "huge", "coming"]
    assert lines["small"].strip() == "1.5 GB, MIT; fits"
    assert lines["huge"].strip() == "900.0 GB, LicenseRef-X; does not fit"
    assert "first complete it with carrel recipe new coming" in lines["coming"]


@pytest.mark.parametrize(
    ("conduct", "done"),
    [("", []), ("abc", ["agreement sign --project default --who Ada --purpose a course --text abc"])],
)
def test_the_code_of_conduct_is_signed_by_whoever_gives_its_hash(tmp_path: Path, conduct, done):
    script = f"""
set -euo pipefail
. {SOURCE}/packaging/first_model.sh
in_step() {{ shift; "$@"; }}
carrel() {{ echo "$*"; }}
LICENSE_AS="Ada, head of the lab" LICENSE_PURPOSE="a course" CONDUCT_HASH="{conduct}"
sign_conduct
"""
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == done


def recipe_of(folder: Path) -> str:
    """The demo model under another name, whose file lies in a folder."""
    raw = (DEMO / "handbook-tiny-q8_0.gguf").read_bytes()
    (folder / "weights.gguf").write_bytes(raw)
    original = (SOURCE / "recipes" / "handbook-tiny.toml").read_text()
    template = next(line for line in original.splitlines() if line.startswith("chat_template"))
    return f"""id = "campus-tiny"
revision = 1
title = "Campus Tiny"
summary = "The demo model under another name."
license = "Apache-2.0"
tier = "open"
context_tokens = 512
max_sequences = 4
{template}

[defaults]
temperature = 0.0
max_tokens = 96

[[forms]]
name = "q8"
engine = "llama_cpp"

[[forms.sources]]
kind = "folder"
folder = "{folder}"

[[forms.files]]
name = "weights.gguf"
size_bytes = {len(raw)}
sha256 = "{hashlib.sha256(raw).hexdigest()}"
"""


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_model_is_fetched_run_and_asked_and_the_same_command_mends_what_failed(machine: Machine):
    refused = machine.install("--model", "campus-tiny")
    assert refused.returncode == 1
    assert "is installed, in" in refused.stdout
    assert "carrel recipe new" in refused.stderr or "recipe new" in refused.stderr

    share = machine.root / "share"
    share.mkdir()
    (machine.root / "campus-tiny.toml").write_text(recipe_of(share))
    approved = machine.carrel("recipe", "approve", str(machine.root / "campus-tiny.toml"), "--who", "Ada")
    assert approved.returncode == 0, approved.stderr

    done = machine.install("--model", "campus-tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    for said in ("OK   here", "OK   fits", "OK   runs", "answer", "Installed, started and asked in"):
        assert said in done.stdout
    assert f"address    http://127.0.0.1:{machine.environment['CARREL_PORT']}/v1" in done.stdout
    assert (machine.carrel_home / "models" / "campus-tiny" / "weights.gguf").is_file()
    assert machine.carrel("model", "list").stdout.count("ready") == 1
