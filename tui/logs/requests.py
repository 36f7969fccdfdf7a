"""One request by its id: what was asked of which model by whom, why it came to nothing, what the log has."""

from collections.abc import Iterator

from textual import work
from textual.app import ComposeResult
from textual.widgets import Input

from appliance.client.presenting.pages import log_line
from appliance.domain.results import RequestRefusal, RequestShown, RequestUse
from appliance.errors import CarrelError
from tui.logs.refusals import in_plain_words, request_id_in
from tui.parts.cells import Cell, clock
from tui.parts.dialogs import Dialog
from tui.parts.lines import Line, Lines
from tui.viewer import Viewer

_HINT = "Type or paste a request's id, or the whole error message that a student sees; then enter."


class RequestDialog(Dialog[None]):
    """Asks for the id, which may be known already, and shows what the box knows of it."""

    DEFAULT_CSS = """
    RequestDialog > #frame { width: 90%; }
    RequestDialog Input { padding: 0 1; background: $background; }
    RequestDialog Lines { margin-top: 1; }
    """

    app: Viewer

    def __init__(self, known: str = "") -> None:
        super().__init__("a request by its id")
        self._known = known

    def contents(self) -> ComposeResult:
        """The id, and what is found."""
        yield Input(value=self._known, placeholder="req_…", id="request", max_length=2000, compact=True)
        yield Lines(id="found")

    def on_mount(self) -> None:
        """Look at once where the id is known."""
        self.query_one("#request", Input).focus()
        self._say([[Cell(_HINT, "quiet")]])
        if self._known:
            self._look(self._known)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Look for it."""
        event.stop()
        wanted = request_id_in(event.value)
        if wanted:
            event.input.value = wanted
            self._look(wanted)

    @work(exclusive=True, group="loading")
    async def _look(self, wanted: str) -> None:
        self._say([[Cell(f"Looking for {wanted} …", "quiet")]])
        try:
            found = await self.app.box.run("request.show", {"id": wanted})
        except CarrelError as error:
            self._say([[Cell(error.message, "bad")]])
        else:
            if isinstance(found, RequestShown):
                self._say(list(lines_of(found, self.app.box.now_ms())))

    def _say(self, lines: list[Line]) -> None:
        self.query_one("#found", Lines).show(lines)


def lines_of(found: RequestShown, now_ms: int) -> Iterator[Line]:
    """What is known, the refusal first: it is why somebody asks."""
    if found.refusal is not None:
        yield from _refused(found.refusal, now_ms)
    if found.use is not None:
        yield from _used(found.use, now_ms)
    yield [""]
    yield [Cell(f"LOG ({len(found.log)} lines)" if found.log else "LOG: nothing", "strong")]
    for line in found.log:
        yield [log_line(line)]


def _refused(one: RequestRefusal, now_ms: int) -> Iterator[Line]:
    yield [Cell(f"REFUSED at {clock(one.at_ms, now_ms)} UTC", "bad"), f"  {one.status} {one.code}"]
    yield [Cell(in_plain_words(one.code, one.status), "strong")]
    yield [Cell("told      ", "quiet"), one.message]
    yield [Cell("asked at  ", "quiet"), one.path or "a page of the box"]
    yield [Cell("by        ", "quiet"), _whose(one.person, one.project, one.key)]


def _used(one: RequestUse, now_ms: int) -> Iterator[Line]:
    ended = clock(one.ended_ms, now_ms) if one.ended_ms is not None else "still running"
    yield [
        Cell(one.outcome.upper(), "ok" if one.outcome in {"ok", "done", "completed"} else "warn"),
        f"  {one.op}",
    ]
    yield [Cell("model     ", "quiet"), one.model]
    yield [Cell("by        ", "quiet"), _whose(one.person, one.project, one.key)]
    yield [
        Cell("time      ", "quiet"),
        f"{clock(one.started_ms, now_ms)} to {ended} UTC, {one.wall_ms / 1000:.1f} s",
    ]
    cached = f" ({one.cached_tokens} from the cache)" if one.cached_tokens else ""
    yield [
        Cell("tokens    ", "quiet"),
        f"{one.prompt_tokens} in the prompt{cached}, {one.completion_tokens} in the answer",
    ]
    yield [Cell("spent     ", "quiet"), f"{one.spent_credits} credits"]


def _whose(person: str, project: str, key: str) -> str:
    if not (person or project or key):
        return "nobody knows whom: no key that the box knows was sent"
    told = [
        person or "(reviewers are told who)",
        f"in {project}" if project else "",
        f"with {key}" if key else "",
    ]
    return " ".join(one for one in told if one)
