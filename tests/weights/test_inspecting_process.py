"""Whatever the files do to the process that looks into them, whoever asked gets a reason."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from appliance.errors import IntegrityFailed
from appliance.weights.inspecting.__main__ import judged
from appliance.weights.inspecting.order import InspectOrder, Refused
from appliance.weights.inspecting.process import InspectProcess
from tests.weights.inspected import FOLDER, GGUF, form_of, order_of

Q8 = "handbook-tiny@q8"


def instead(program: str, deadline_s: float = 30) -> InspectProcess:
    """A process that does something else than looking."""
    return InspectProcess((sys.executable, "-P", "-c", program), deadline_s)


async def reason(process: InspectProcess, tmp_path: Path) -> str:
    with pytest.raises(IntegrityFailed) as caught:
        await process.look(order_of(Q8, tmp_path))
    return caught.value.message


async def test_sound_files_are_told_of() -> None:
    recipe, form = form_of(Q8)
    found = await InspectProcess().inspect(recipe, form, {GGUF: FOLDER / GGUF})
    assert found.name == "handbook-tiny"


async def test_files_lie_where_they_lie_under_other_names(tmp_path: Path) -> None:
    """As blobs do."""
    recipe, form = form_of("handbook-tiny@bf16")
    places = {}
    for number, file in enumerate(form.files):
        places[file.name] = tmp_path / str(number)
        places[file.name].write_bytes((FOLDER / file.name).read_bytes())
    assert (await InspectProcess().inspect(recipe, form, places)).architecture == "llama"


async def test_a_damaged_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / GGUF).write_bytes((FOLDER / GGUF).read_bytes()[:-1000])
    assert "truncated" in await reason(InspectProcess(), tmp_path)


@pytest.mark.parametrize("more", [{}, {GGUF: FOLDER / GGUF, "notes.txt": FOLDER / "config.json"}])
async def test_files_are_those_of_the_form_no_more_and_no_less(more: dict[str, Path]) -> None:
    with pytest.raises(IntegrityFailed, match="no more and no less"):
        await InspectProcess().inspect(*form_of(Q8), more)


async def test_a_process_that_dies_is_a_reason(tmp_path: Path) -> None:
    assert "did not survive" in await reason(instead("import os; os.abort()"), tmp_path)


async def test_a_process_that_ends_without_a_word_is_a_reason(tmp_path: Path) -> None:
    assert "no answer" in await reason(instead("pass"), tmp_path)
    assert "no answer" in await reason(instead("print('[]')"), tmp_path)


async def test_a_process_that_talks_without_end_is_a_reason(tmp_path: Path) -> None:
    assert "did not survive" in await reason(instead("while True: print('x' * 65536)"), tmp_path)


async def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    assert "took over" in await reason(instead("import time; time.sleep(60)", deadline_s=0.5), tmp_path)


async def test_whoever_leaves_ends_the_process(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "said")
    program = (
        f"import os, time; open({str(tmp_path / 'said')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    asking = asyncio.create_task(instead(program).look(order_of(Q8, tmp_path)))
    pid = int(await asyncio.to_thread((tmp_path / "said").read_text))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not Path(f"/proc/{pid}").exists()


async def test_it_has_no_network_no_other_files_and_little_memory(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "other").write_text("other")
    program = f"""
import json, pathlib, resource, socket, sys
from appliance.weights.inspecting.limits import shut_in
sys.stdin.read()
standing = shut_in([pathlib.Path({str(tmp_path / "mine")!r})])
def tried(work):
    try:
        work()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
said = {{
    "network": tried(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
    "mine": tried(pathlib.Path({str(tmp_path / "mine")!r}).read_text),
    "other": tried(pathlib.Path({str(tmp_path / "other")!r}).read_text),
    "standing": standing,
    "memory": tried(lambda: bytearray(4 * 2**30)),
    "write": tried(lambda: pathlib.Path({str(tmp_path / "new")!r}).write_text("x")),
}}
print(json.dumps({{"type": "refused", "reason": json.dumps(said)}}))
"""
    said = await reason(instead(program), tmp_path)
    assert '"network": "done"' not in said
    assert '"mine": "done"' in said
    assert ('"other": "done"' in said) == ('"few-files"' not in said)
    assert '"memory": "MemoryError"' in said
    assert '"write": "done"' not in said


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), ValueError("a part of the file")])
def test_whatever_looking_raises_is_a_verdict(error: Exception, tmp_path: Path) -> None:
    def looking(_order: InspectOrder) -> None:
        raise error

    verdict = judged(order_of(Q8, tmp_path), looking)
    assert isinstance(verdict, Refused)
    assert "a part of the file" not in verdict.reason
