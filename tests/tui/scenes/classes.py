"""The made-up lab's classes: one with thirty seats is open, one is planned, one is over. Some students have
written what they should not have.
"""

from collections.abc import Mapping

from appliance.domain.results import (
    ClassDetail,
    ClassLine,
    ClassList,
    ClassSeats,
    JoinScreen,
    PollState,
    SeatLine,
)
from tests.tui.fake_box import Answer
from tests.tui.scenes.people import DAY_MS, NOW_MS, STUDENTS

MINUTE_MS = 60_000
SPENT = "Your 50,000 tokens for this class are used up. Ask your teacher for more."
WRONG_KEY = "This key is not known here. Copy it again from your card, all of it."
TOO_MANY = "You have 2 requests running; this class allows 2 at once. Wait for one to end."
DOWN = "The model olmo-2-7b is starting again. Try once more in a minute."
TROUBLES = {
    4: ("error", WRONG_KEY, "invalid_api_key", "reissue"),
    9: ("limit", SPENT, "insufficient_quota", "top-up"),
    13: ("limit", TOO_MANY, "rate_limit_exceeded", ""),
    20: ("error", DOWN, "replica_failed", ""),
    26: ("error", "[@click=app.quit]x[/] \x1b[2J\u202etxt.exe " * 6, "unheard_of", ""),
}
"""By number: how a seat fares, what it was told, with which code, and what helps."""


def initials_of(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


def seat(number: int, person: str, name: str) -> SeatLine:
    state, trouble, code, mend = TROUBLES.get(number, ("", "", "", ""))
    if not state:
        state = (
            "free"
            if number in {17, 30}
            else "waits"
            if number % 7 == 2
            else "idle"
            if number % 3 == 0
            else "ok"
        )
    free = state == "free"
    return SeatLine(
        number=number,
        person=person,
        given=f"s{number:04}",
        name=name,
        initials=initials_of(name),
        state=state,
        how="" if free else "card" if number % 2 else "list",
        taken_ms=None if free else NOW_MS - 20 * MINUTE_MS,
        running=int(state == "ok"),
        waiting=int(state == "waits"),
        waits_s=8 if state == "waits" else 0,
        tokens=0 if free else 50_000 if number == 9 else number * 1234 % 21_000,
        limit_tokens=50_000,
        requests=0 if free else number * 3,
        last_ms=None if free else NOW_MS - number * 11_000,
        trouble=trouble,
        trouble_code=code,
        trouble_ms=NOW_MS - 40_000 if trouble else None,
        trouble_request=f"req_{number:08x}" if trouble else "",
        mend=mend,
    )


def seats(state: str = "open", students: tuple[tuple[str, str], ...] = STUDENTS) -> ClassSeats:
    lines = tuple(seat(number, person, name) for number, (person, name) in enumerate(students, 1))
    return ClassSeats(
        id="nlp-3",
        state=state,
        mode="open",
        message="Begin with exercise 2; the notebook is on the page.",
        now_ms=NOW_MS,
        ends_ms=NOW_MS + 41 * MINUTE_MS,
        taken=sum(one.taken_ms is not None for one in lines),
        seats=lines,
        first_word_ms=840,
    )


def line(
    id: str, title: str, state: str, *, mode: str = "open", taken: int = 0, ends_ms: int = 0
) -> ClassLine:
    return ClassLine(
        id=id,
        project=id,
        title=title,
        state=state,
        mode=mode,
        models=("olmo-2-7b",),
        seats=30,
        taken=taken,
        starts_ms=None,
        ends_ms=ends_ms or NOW_MS + 41 * MINUTE_MS,
    )


def detail(one: ClassLine, *, warnings: tuple[str, ...] = ()) -> ClassDetail:
    return ClassDetail(
        id=one.id,
        project=one.project,
        title=one.title,
        state=one.state,
        mode=one.mode,
        models=("olmo-2-7b", "llama-3.1-8b"),
        seat_tokens=50_000,
        seat_running=2,
        seat_requests_per_minute=30,
        seat_tokens_per_minute=0,
        starts_ms=None,
        ends_ms=one.ends_ms,
        keys_end_ms=one.ends_ms + 10 * MINUTE_MS,
        grace_min=10,
        guests=3,
        networks=(),
        seed=None,
        plain=True,
        plain_address="http://10.0.4.7:7411",
        address="10.0.4.7",
        addresses=("10.0.4.7",),
        opened_ms=NOW_MS - 20 * MINUTE_MS,
        paused_ms=None,
        over_ms=None,
        message="",
        frozen=(),
        seats=one.seats,
        taken=one.taken,
        warnings=warnings,
    )


def join_screen(
    code: str = "K7QM-2F9X",
    *,
    url: str = "http://10.0.4.7:7411",
    poll: PollState | None = None,
    title: str = "Language models, third lesson",
    state: str = "open",
) -> JoinScreen:
    return JoinScreen(
        id="nlp-3",
        title=title,
        state=state,
        mode="open",
        offline=True,
        code=code,
        code_ends_ms=NOW_MS + 15 * MINUTE_MS if code else None,
        left=7,
        url=url,
        join_url=f"{url}/join?code={code.replace('-', '')}" if code else f"{url}/join",
        base_url=f"{url}/v1",
        name_url="http://lab-01.local:7411",
        fingerprint="",
        models=("olmo-2-7b", "llama-3.1-8b"),
        joined=23,
        seats=30,
        ends_ms=NOW_MS + 41 * MINUTE_MS,
        now_ms=NOW_MS,
        first_word_ms=840,
        poll=poll,
    )


OPEN = line("nlp-3", "Language models, third lesson", "open", taken=28)
EXAM = line("nlp-exam", "Exam, first part", "planned", mode="exam", ends_ms=NOW_MS + 5 * DAY_MS)
OVER = line("nlp-2", "[/foo] \x1b[2J second lesson", "over", taken=29, ends_ms=NOW_MS - 7 * DAY_MS)
POLL = PollState(
    id="poll_1",
    prompt="Explain a logit lens to somebody who knows linear algebra",
    open=True,
    votes_a=9,
    votes_b=3,
    ties=2,
    a="",
    b="",
    seed=1,
)

ANSWERS: list[tuple[str, Mapping[str, object], Answer]] = [
    ("class.list", {}, ClassList(classes=(OPEN, EXAM))),
    ("class.list", {"all": True}, ClassList(classes=(EXAM, OPEN, OVER))),
    ("class.show", {"name": "nlp-3"}, detail(OPEN)),
    (
        "class.show",
        {"name": "nlp-exam"},
        detail(EXAM, warnings=("No model runs that this exam could ask: run olmo-2-7b before it begins.",)),
    ),
    ("class.show", {"name": "nlp-2"}, detail(OVER)),
    ("class.seats", {"name": "nlp-3"}, seats()),
    ("class.seats", {"name": "nlp-exam"}, seats("planned", STUDENTS[:12])),
    ("class.seats", {"name": "nlp-2"}, seats("over")),
    ("class.projector", {"name": "nlp-3"}, join_screen(poll=POLL)),
    ("class.join-screen", {}, join_screen(poll=POLL)),
]
DIALOGS: list[tuple[str, tuple[str, ...]]] = [
    ("seats", ("enter", "right", "right")),
    ("seat", ("enter", "right", "right", "right", "enter")),
    ("exam", ("down",)),
    ("join", ("j",)),
    ("cards", ("f",)),
]
"""What is pictured besides, and the keys that open it from the screen."""
