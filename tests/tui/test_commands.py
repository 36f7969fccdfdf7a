"""Commands beside the viewer: what they print, what they are told, and that none can harm it."""

import sys

import msgspec
import pytest

from appliance.client.private_files import MODE, check_free, write_private
from appliance.domain.actions import action
from appliance.domain.results import Diagnosis
from appliance.errors import BadRequest, Conflict, NotFound
from tests.admin.fake_box import sample
from tests.tui.fake_box import FakeBox
from tests.tui.scenes.lab import HEAD
from tui.acting.local import captured
from tui.acting.shown import Shown
from tui.app import CarrelApp
from tui.commands import MOST_BYTES, Captured, NoCommands, Subprocesses
from tui.deeds import Deed

PYTHON = (sys.executable, "-c")


class Commands(NoCommands):
    """Notes what it was asked for."""

    def __init__(self, code: int = 0, output: bytes = b"", errors: bytes = b"") -> None:
        self.answer = Captured(code, output, errors)
        self.asked: list[tuple[tuple[str, ...], bytes]] = []

    async def capture(self, words, given=b""):
        self.asked.append((tuple(words), given))
        return self.answer


async def test_what_a_command_prints_and_how_it_ends_is_told():
    script = "import sys; print(sys.stdin.read() + 'x'); print('e', file=sys.stderr); sys.exit(3)"
    told = await Subprocesses([*PYTHON, script]).capture(["status"], b"given ")
    assert (told.code, told.output, told.errors) == (3, b"given x\n", b"e\n")


async def test_a_command_that_cannot_be_started_is_told_as_one_that_failed():
    told = await Subprocesses(["/nowhere/carrel"]).capture(["status"])
    assert told.code == 127
    assert b"cannot be started" in told.errors


async def test_a_command_that_prints_without_end_is_stopped():
    script = f"import sys\nfor _ in range({MOST_BYTES}): sys.stdout.write('x' * 4096)"
    told = await Subprocesses([*PYTHON, script]).capture([])
    assert told.code == 1
    assert b"too much" in told.errors


async def test_a_shell_on_the_way_gets_words_and_no_commands():
    script = "import sys; print(sys.argv[1:])"
    program = ["sh", "-c", f'exec {sys.executable} -c \'{script}\' "$0" "$@"']
    told = await Subprocesses(program).capture(["a b", "$(id)"])
    assert told.output == b"['a b', '$(id)']\n"
    quoted = Subprocesses([*PYTHON, script], through_shell=True)
    assert (await quoted.capture(["a b", "; id"])).output == b"[\"'a b'\", \"'; id'\"]\n"


async def test_doctor_is_shown_although_it_found_something():
    found = sample(Diagnosis)
    commands = Commands(1, msgspec.json.encode(found))
    app = CarrelApp(FakeBox(*HEAD), commands)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("doctor"))
        await pilot.pause(0.1)
        assert isinstance(app.screen, Shown)
    assert commands.asked == [(("doctor", "--json"), b"")]


async def test_the_error_of_a_command_is_its_own():
    said = b'warning of ssh\n{"error":{"message":"No topic.","code":"not_found","param":"topic"}}\n'
    app = CarrelApp(FakeBox(), Commands(3, b"", said))
    with pytest.raises(NotFound, match="No topic") as caught:
        await captured(app, action("help"), {"topic": "x"}, {})
    assert caught.value.param == "topic"


async def test_a_single_file_is_read_here_and_handed_over(tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(b"secret")
    row = action("report.open")
    commands = Commands(0, msgspec.json.encode(sample(row.result)))
    app = CarrelApp(FakeBox(), commands)
    await captured(app, row, {"id": "r1", "key": str(file)}, {"key": str(file)})
    assert commands.asked == [(("report", "open", "--json", "--key=-", "r1"), b"secret")]


async def test_a_terminal_that_cannot_be_lent_is_said():
    app = CarrelApp(FakeBox(*HEAD), Commands())
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("serve"))
        await pilot.pause(0.1)
        assert "cannot be lent" in "".join(one.message for one in app._notifications)


def test_a_written_file_is_for_its_owner_and_never_over_another(tmp_path):
    place = tmp_path / "cards.html"
    check_free(str(place))
    write_private(str(place), b"cards")
    assert place.stat().st_mode & 0o777 == MODE
    with pytest.raises(Conflict):
        write_private(str(place), b"other")
    with pytest.raises(Conflict):
        check_free(str(place))
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Conflict):
        write_private(str(tmp_path / "link"), b"x")
    for wrong in ("/nowhere/at/all", "a\x00b"):
        with pytest.raises(BadRequest):
            write_private(wrong, b"x")
    assert place.read_bytes() == b"cards"
