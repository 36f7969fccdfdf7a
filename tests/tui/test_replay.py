"""A recording is looked at like a box: at any moment, forward and back, and nothing can be done in it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from appliance.domain.results import IncidentList, LogLines
from appliance.domain.watching import Topic
from appliance.errors import GatewayNotRunning, NotAllowed, NotFound
from tests.tui.fake_box import NOW_MS
from tests.tui.scenes.lab import HEAD
from tests.tui.scenes.logs import INCIDENTS, LINES
from tui.app import CarrelApp
from tui.parts.masthead import Masthead
from tui.recording.bar import ReplayBar, Scene, pieces
from tui.recording.player import SPEEDS, Player
from tui.recording.reading import Recording
from tui.recording.replaying import ReplayBox
from tui.recording.tape import Tape

MINUTE = 60_000
LOG = Topic("log.read", (("level", "debug"), ("lines", 200)), 2000)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Twenty minutes: a line of the log each minute, an incident after ten, the box gone from the 15th on."""
    tape = Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    for action, arguments, answer in HEAD:
        tape.tell(action, arguments, answer, NOW_MS)
    for n in range(21):
        lines = tuple(f'{{"event": "minute {m}"}}' for m in range(n + 1))
        tape.tell("log.read", dict(LOG.arguments), LogLines(lines=lines), NOW_MS + n * MINUTE)
        if n == 10:
            tape.tell("incident.list", {"limit": 200}, IncidentList(incidents=INCIDENTS), NOW_MS + n * MINUTE)
            tape.refuse("sample.list", {"limit": 200}, NotAllowed("Only reviewers."), NOW_MS + n * MINUTE)
        if n == 15:
            tape.beat(NOW_MS + n * MINUTE, "No gateway runs here.")
        if n == 16:
            tape.beat(NOW_MS + n * MINUTE)
    tape.close()
    return tmp_path / "r.gz"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(path: Path, clock: Clock) -> ReplayBox:
    return ReplayBox(Recording.read(path), clock)


async def last_line(box: ReplayBox) -> str:
    result = await box.run("log.read", dict(LOG.arguments))
    assert isinstance(result, LogLines)
    return result.lines[-1]


async def test_each_moment_is_as_it_was(box: ReplayBox) -> None:
    for minute in (0, 20, 3, 7, 6, 19):
        box.player.seek(minute * MINUTE + 30_000)
        assert await last_line(box) == f'{{"event": "minute {min(minute, 20)}"}}'
        assert box.now_ms() == NOW_MS + min(minute * MINUTE + 30_000, 20 * MINUTE)


async def test_who_looks_on_sees_what_comes_and_what_is_jumped_to(box: ReplayBox, clock: Clock) -> None:
    async with aclosing(box.watch([LOG])) as seen:
        assert len((await anext(seen)).result.lines) == 1
        box.player.move(10 * MINUTE)
        assert len((await anext(seen)).result.lines) == 11
        box.player.move(-5 * MINUTE)
        assert len((await anext(seen)).result.lines) == 6
        clock.now_s += 59.99
        assert len((await asyncio.wait_for(_nudged(seen, box, clock), 20)).result.lines) == 7


async def _nudged(seen, box: ReplayBox, clock: Clock):
    clock.now_s += 0.01
    box.player.hurry(0)
    return await anext(seen)


async def test_what_plays_goes_on_by_itself(path: Path) -> None:
    box = ReplayBox(Recording.read(path))
    for _ in SPEEDS:
        box.player.hurry(1)
    box.player.seek(59_000)
    async with aclosing(box.watch([LOG])) as seen:
        await anext(seen)
        assert len((await asyncio.wait_for(anext(seen), 20)).result.lines) == 2


async def test_what_was_not_there_yet_is_said_so(box: ReplayBox) -> None:
    with pytest.raises(NotFound, match="Until here"):
        await box.run("incident.list", {"limit": 200})
    box.player.seek(10 * MINUTE)
    assert await box.run("incident.list", {"limit": 200})


async def test_what_was_refused_is_refused_again(box: ReplayBox) -> None:
    box.player.seek(10 * MINUTE)
    with pytest.raises(NotAllowed, match="Only reviewers"):
        await box.run("sample.list", {"limit": 200})
    async with aclosing(box.watch([Topic("sample.list", (("limit", 200),))])) as seen:
        assert isinstance((await anext(seen)).error, NotAllowed)


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("key.revoke", {"id": "key_1"}),
        ("down", {}),
        ("incident.decide", {"id": "i", "verdict": "clear", "reason": "x"}),
    ],
)
async def test_nothing_can_be_done_in_a_recording(
    box: ReplayBox, action: str, arguments: dict[str, object]
) -> None:
    assert box.readonly
    with pytest.raises(NotAllowed, match="This is a recording"):
        await box.run(action, arguments)


async def test_what_nobody_looked_at_is_not_known(box: ReplayBox) -> None:
    with pytest.raises(NotFound, match="carrel person show x"):
        await box.run("person.show", {"person": "x"})
    async with aclosing(box.watch([Topic("gpu.list")])) as seen:
        assert isinstance((await anext(seen)).error, NotFound)


async def test_a_narrower_question_on_the_log_is_answered_by_the_widest_that_was_recorded(
    box: ReplayBox,
) -> None:
    assert await box.run("log.read", {"level": "error", "text": "x"})
    assert await box.run("log.read", {"lines": 200})


async def test_arguments_that_are_the_default_make_no_difference(path: Path) -> None:
    box = ReplayBox.open(path)
    assert await box.run("class.list", {"all": False})


def test_the_player_pauses_hurries_and_ends(clock: Clock) -> None:
    player = Player(100_000, clock)
    clock.now_s += 10
    assert player.position_ms == 10_000
    player.toggle()
    clock.now_s += 10
    assert (player.position_ms, player.playing) == (10_000, False)
    player.hurry(1)
    player.toggle()
    clock.now_s += 10
    assert (player.position_ms, player.speed) == (30_000, 2)
    player.hurry(-9)
    assert player.speed == 1
    player.move(-(10**9))
    assert player.position_ms == 0
    player.move(10**9)
    assert (player.position_ms, player.playing) == (100_000, False)
    player.toggle()
    assert (player.position_ms, player.playing) == (0, True)


@pytest.mark.parametrize("room", [118, 78, 58, 38])
def test_the_bar_fits(room: int) -> None:
    for stands in ("", "PAUSED"):
        line = pieces(Scene("10:42:07", 600_000, 12 * 3_600_000, stands, 60, ""), room)
        text = "".join(one if isinstance(one, str) else one.text for one in line)
        assert len(text) <= max(room, 45)
        assert "10:42:07" in text


def test_the_bar_can_do_without_signs() -> None:
    line = pieces(Scene("10:42:07", 1, 2, "", 1, ""), 78, ascii_only=True)
    assert "".join(one if isinstance(one, str) else one.text for one in line).isascii()


async def until(pilot, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await pilot.pause(0.02)


def drawn(pilot, kind: type) -> str:
    return str(pilot.app.present.query_one(kind).render())


async def test_keys_of_every_screen_move_the_recording(box: ReplayBox) -> None:
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "REPLAY 10:42:00 lab-01" in drawn(pilot, Masthead))
        await pilot.press("8")
        await pilot.press("greater_than_sign", "full_stop")
        assert box.player.position_ms == 5 * MINUTE + 10_000
        await until(pilot, lambda: "10:47:10" in drawn(pilot, ReplayBar))
        await until(pilot, lambda: "10:47:10" in drawn(pilot, Masthead))
        table = pilot.app.present.section.table
        await until(pilot, lambda: len(table.rows) == 6)
        await pilot.press("less_than_sign", "comma")
        assert box.player.position_ms == 0
        await pilot.press("space")
        assert not box.player.playing
        await until(pilot, lambda: "PAUSED" in drawn(pilot, ReplayBar))
        await pilot.press("space", "plus")
        assert box.player.speed == 2


async def test_keys_go_into_a_filter_that_is_being_typed(box: ReplayBox) -> None:
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: bool(pilot.app.present.section.table.rows))
        await pilot.press("slash", "a", "space", "b", "full_stop")
        assert pilot.app.present.query_one("#filter").value == "a b."
        assert box.player.position_ms == 0


async def test_the_bar_says_when_the_box_was_gone(box: ReplayBox) -> None:
    box.player.seek(15 * MINUTE)
    assert box.lost == "No gateway runs here."
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "COULD NOT BE REACHED: No gateway" in drawn(pilot, ReplayBar))
    box.player.seek(16 * MINUTE)
    assert box.lost == ""


def test_losing_the_box_is_a_line_and_no_error() -> None:
    assert GatewayNotRunning("x").code == "gateway_not_running"
    assert LINES
