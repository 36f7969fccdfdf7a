"""The installer puts the program onto a bundle: followed, believed by its exit code, ended with who waits."""

import asyncio
from pathlib import Path

import pytest

from appliance.errors import NotReady
from appliance.weights.bundling.program import ProgramFiller, installer_folder
from tests.weights.bundling.sticks import unheard

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": "kept", "CARREL_API_KEY": "secret"}


def installer(folder: Path, script: str) -> Path:
    (folder / "packaging").mkdir(parents=True)
    (folder / "packaging" / "install.sh").write_text(script)
    return folder


async def test_what_it_says_is_told_and_where_it_goes_is_given(tmp_path):
    made = installer(tmp_path / "installer", 'echo "$1"; echo x > "$2"; printf "\\033[1mbold\\n"')
    told = []
    await ProgramFiller(ENVIRONMENT, made).fill(tmp_path / "program", told.append)
    assert told == ["program: --fill-program", "program: [1mbold"]
    assert (tmp_path / "program").read_text() == "x\n"


async def test_little_of_the_gateways_environment_reaches_it(tmp_path):
    made = installer(tmp_path / "installer", 'env > "$2"')
    await ProgramFiller(ENVIRONMENT, made).fill(tmp_path / "program", unheard)
    given = (tmp_path / "program").read_text()
    assert "PIP_INDEX_URL=kept" in given
    assert "secret" not in given


async def test_a_failure_is_told_by_its_last_words_with_the_way_by_hand(tmp_path):
    made = installer(tmp_path / "installer", "echo first; echo no compiler; exit 1")
    with pytest.raises(NotReady, match=r"\(no compiler\).*--fill-program"):
        await ProgramFiller(ENVIRONMENT, made).fill(tmp_path / "program", unheard)


async def test_a_box_without_its_installer_says_how_to_get_it(tmp_path):
    with pytest.raises(NotReady, match=r"packaging/install\.sh"):
        await ProgramFiller(ENVIRONMENT, None).fill(tmp_path / "program", unheard)


async def test_it_ends_with_whoever_waits_for_it(tmp_path):
    made = installer(
        tmp_path / "installer", "trap 'echo ended >\"$2\"; exit' TERM; echo up; while :; do sleep 0.05; done"
    )
    up = asyncio.Event()
    filling = ProgramFiller(ENVIRONMENT, made).fill(tmp_path / "program", lambda _line: up.set())
    task = asyncio.create_task(filling)
    await up.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        while not (tmp_path / "program").exists():
            await asyncio.sleep(0.01)


def test_what_it_was_installed_from_is_beside_the_program_or_the_checkout_itself(tmp_path):
    made = installer(tmp_path / "prefix" / "installer", "")
    assert installer_folder(tmp_path / "prefix") == made
    checkout = installer_folder(tmp_path)
    assert checkout is not None
    assert (checkout / "pyproject.toml").is_file()
