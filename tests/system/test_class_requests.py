"""A class on a real box: rehearsed before it is open, asked as class-model, paused; an exam is repeated."""

from pathlib import Path

import httpx
import pytest

from appliance.client.admin import AdminClient
from tests.system.box import RealBox

pytestmark = pytest.mark.slow

MODEL = "handbook-tiny"
ROSTER = "id,first_name,last_name\ns1,Ines,Oakley\ns2,Ada,Lovelace\n"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory):
    box = RealBox(tmp_path_factory.mktemp("home")).start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("list") / "roster.csv"
    path.write_text(ROSTER)
    return str(path)


def act(box: RealBox, action: str, **arguments: object):
    with AdminClient(box.home / "box" / "run" / "admin.sock") as admin:
        return admin.run(action, arguments)


def ask(box: RealBox, key: str, **fields: object) -> httpx.Response:
    body = {"model": "class-model", "messages": [{"role": "user", "content": "What is a credit?"}], **fields}
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{box.url}/chat/completions", json=body, headers=headers, timeout=60)


def error_of(response: httpx.Response) -> dict:
    assert response.status_code == 403, response.text
    return response.json()["error"]


def cards(box: RealBox, name: str) -> list[str]:
    return [card.key for card in act(box, "class.cards", name=name).cards]


def test_the_night_before_a_lesson_and_the_lesson(box: RealBox, roster: str):
    box.carrel("class", "new", "monday", "--roster", roster, "--models", MODEL, "--minutes", "60")
    people = len(act(box, "person.list").people)

    rehearsed = act(box, "class.rehearse", name="monday", seats=5)
    assert (rehearsed.answered, rehearsed.failed, rehearsed.problems) == (5, 0, ())
    assert rehearsed.model == MODEL
    assert len(act(box, "person.list").people) == people
    report = act(box, "class.report", name="monday")
    assert [row.requests for row in report.rows] == [0, 0]
    assert all(key.state != "active" for key in act(box, "key.list", project="monday").keys)
    assert {row["person_id"] for row in box.rows()} == {"default"}

    first, _ = cards(box, "monday")
    assert error_of(ask(box, first))["message"] == "The class has not begun. Your teacher opens it."
    act(box, "class.open", name="monday")
    answer = ask(box, first)
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"] == MODEL
    models = httpx.get(f"{box.url}/models", headers={"authorization": f"Bearer {first}"}).json()["data"]
    assert [one["id"] for one in models] == ["class-model", MODEL]

    act(box, "class.pause", name="monday")
    refused = error_of(ask(box, first))
    assert refused["message"].startswith("Your teacher paused the class.")
    assert refused["rule"] == {"name": "class", "waits_for": "lead"}
    (seat, _) = act(box, "class.seats", name="monday").seats
    assert (seat.requests, seat.trouble_code, seat.trouble) == (1, "not_permitted", refused["message"])
    assert seat.tokens > 0
    act(box, "class.resume", name="monday")
    assert ask(box, first).status_code == 200


def test_an_exam_answers_with_its_seed_and_the_models_that_were_frozen(box: RealBox, roster: str):
    box.carrel(
        "class", "new", "exam", "--roster", roster, "--models", MODEL, "--minutes", "60", "--mode", "exam"
    )
    opened = act(box, "class.open", name="exam")
    (frozen,) = opened.frozen
    assert (frozen.model, len(frozen.files)) == (MODEL, 64)
    key, _ = cards(box, "exam")
    answers = [ask(box, key, temperature=1.0, seed=seed) for seed in (1, 2)]
    assert {one.headers["x-carrel-seed"] for one in answers} == {str(opened.seed)}
    assert "This is an exam" in answers[0].headers["x-carrel-notice"]
    assert len({one.json()["choices"][0]["message"]["content"] for one in answers}) == 1
    assert "exam stays on this box" not in error_of(ask(box, key, model=f"{MODEL}@f16"))["message"]
