"""What the made-up lab answers to the dialogs that carry actions out, and the keys that open them."""

from pathlib import Path

from appliance.domain.results import (
    KeyIssued,
    KeyList,
    KeySummary,
    ModelList,
    ModelSummary,
    PersonList,
    PersonSummary,
    ProjectList,
    ProjectSummary,
    Removal,
)
from tests.tui.scenes.lab import AnswerRow

DAY_MS = 1_790_000_000_000


def _model(name: str, state: str, title: str) -> ModelSummary:
    return ModelSummary(
        id=name,
        state=state,
        title=title,
        license="apache-2.0",
        tier="open",
        context_tokens=8192,
        size_bytes=4_470_000_000,
        on_disk=True,
    )


def _person(name: str, called: str) -> PersonSummary:
    return PersonSummary(
        id=name,
        name=called,
        state="active",
        role="member",
        email="",
        login="",
        projects=("nlp-3",),
        created_ms=DAY_MS,
        ended_ms=None,
    )


def _project(name: str, called: str) -> ProjectSummary:
    return ProjectSummary(
        id=name,
        name=called,
        created_ms=DAY_MS,
        weight=100,
        shares_prefixes=False,
        kind="course",
        purpose="Teaching",
        tags=(),
        state="open",
        starts_ms=None,
        ends_ms=None,
        leads=("t.mori",),
        members=28,
    )


def _key(number: int) -> KeySummary:
    return KeySummary(
        id=f"key_{number:04}",
        name=f"notebook {number}",
        last4=f"x{number:03}",
        project="nlp-3",
        person="a.khan",
        state="active",
        created_ms=DAY_MS,
        expires_ms=DAY_MS + 86_400_000 * 90,
        revoked_ms=None,
        requests_per_minute=60,
        tokens_per_minute=0,
        requests_per_day=0,
        running=2,
        canary=False,
    )


ANSWERS: list[AnswerRow] = [
    (
        "model.list",
        {"all": True},
        ModelList(
            models=(
                _model("olmo-2-7b", "ready", "OLMo 2 7B Instruct"),
                _model("llama-3.1-8b", "stopped", "Llama 3.1 8B Instruct"),
                _model("qwen3-4b", "stopped", "Qwen3 4B"),
            )
        ),
    ),
    ("person.list", {}, PersonList(people=(_person("a.khan", "Aisha Khan"), _person("t.mori", "Toru Mori")))),
    (
        "project.list",
        {},
        ProjectList(
            projects=(_project("nlp-3", "Language models in class"), _project("lens", "Logit lens")),
            warnings=(),
        ),
    ),
    ("key.list", {}, KeyList(keys=tuple(_key(number) for number in range(1, 31)))),
    (
        "key.new",
        {},
        KeyIssued(
            key="crl-7hq2m4vx9k3tpw8zr5nd6bfgjs2y4ac7e9hk3m",
            id="key_0042",
            name="laptop of a.khan",
            project="nlp-3",
            expires_ms=DAY_MS + 86_400_000 * 90,
        ),
    ),
    (
        "model.remove",
        {},
        Removal(
            model="olmo-2-7b", dry_run=True, freed_bytes=4_470_000_000, removed=("olmo-2-7b-q4_k_m.gguf",)
        ),
    ),
]


def _found(words: str) -> tuple[str, ...]:
    """The keys that find a command in the palette and take it."""
    return ("colon", *("space" if one == " " else one for one in words), "enter")


def _typed(words: str) -> tuple[str, ...]:
    named = {" ": "space", ".": "full_stop", "-": "minus"}
    return tuple(named.get(one, one) for one in words)


DIALOGS: list[tuple[str, tuple[str, ...]]] = [
    ("palette", ("colon", *_typed("class"))),
    ("form", (*_found("budget set"), *_typed("nlp"))),
    ("form-offers", (*_found("model run"), *_typed("l"))),
    ("form-wrong", (*_found("key new"), "enter")),
    ("picker", (*_found("person import"), "ctrl+o")),
    ("ladder-count", _found("offline on")),
    ("ladder-type", (*_found("model remove"), *_typed("olmo-2-7b"), "enter", *_typed("olmo"))),
    ("result", (*_found("key list"), "enter")),
    ("new-key", (*_found("key new"), *_typed("laptop"), "enter")),
    ("new-key-code", (*_found("key new"), *_typed("laptop"), "enter", "r")),
]


def fill_home(folder: Path) -> None:
    """What a person's own folder holds: to be made before a picture of the file picker."""
    for name in ("Desktop", "handouts", "stick"):
        (folder / name).mkdir()
    (folder / "roster.csv").write_text("id,name\n" + "0,somebody\n" * 30)
    (folder / "roster-old.csv").write_text("id,name\n" * 200)
    with (folder / "lecture.mp4").open("wb") as file:
        file.truncate(48_000_000)
