"""On a real box: a threshold crossed, a notice, a refusal; a lead hands in by key, a reviewer signs off."""

import json
from pathlib import Path

import httpx
import pytest

from tests.system.box import RealBox
from tests.system.mortal_box import mortal_box
from tests.system.programs import carry_out

pytestmark = pytest.mark.slow


@pytest.fixture
def box(tmp_path: Path):
    box = mortal_box(tmp_path, hang={}, restarts={})
    box.start()
    yield box
    if box.process is not None and box.process.poll() is None:
        box.stop()


def refusal(box: RealBox, *words: str) -> tuple[int, str]:
    done = carry_out(words, box.environment)
    return done.returncode, " ".join(done.stderr.split())


def ask(http: httpx.Client) -> httpx.Response:
    body = {"model": "mortal", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}
    return http.post("chat/completions", json=body)


def test_from_a_notice_to_a_refusal_to_a_review_that_opens_it_again(box: RealBox, tmp_path: Path):
    box.carrel("model", "run", "mortal")
    box.carrel("project", "new", "nlp")
    box.carrel("person", "new", "ada", "--project", "nlp", "--lead")
    key = box.new_key("laptop", "--project", "nlp", "--person", "ada")
    with httpx.Client(base_url=box.url, headers={"authorization": f"Bearer {key}"}, timeout=30) as http:
        assert ask(http).status_code == 200
        train = ("duty", "training", "--project", "nlp", "--what", "On the cluster", "--gflop")
        assert box.carrel(*train, str(2 * 10**9))["standing"]["level"] == "D1"
        told = ask(http)
        assert told.status_code == 200
        assert (
            "Project nlp owes the signature under the code of conduct by " in told.headers["x-carrel-notice"]
        )
        assert box.carrel(*train, str(10**12))["standing"]["level"] == "D3"
        refused = ask(http)
        assert refused.status_code == 403
        error = refused.json()["error"]
        assert (error["code"], error["rule"]) == (
            "not_permitted",
            {"name": "duties", "waits_for": "lead"},
        )
        assert "`POST /v1/projects/nlp/duty/submit`" in error["message"]
        digits = http.post("me/agreement/show", json={}).json()["text_sha256"][:12]
        signed = http.post("me/agreement/sign", json={"text": digits})
        assert signed.status_code == 200, signed.text
        box.carrel("project", "set", "nlp", "--purpose", "Dialects of German")
        form = box.carrel("duty", "checklist")["form"]
        answers = form.replace(":\n", ":\nWe have looked into this, see the wiki.\n")
        for duty in ({"duty": "publication-policy", "evidence": "Wiki"}, {"duty": "extended-review"}):
            more = {"answers": answers} if duty["duty"] == "extended-review" else {}
            handed = http.post("projects/nlp/duty/submit", json={**duty, **more})
            assert handed.status_code == 200, handed.text
        assert ask(http).json()["error"]["rule"]["waits_for"] == "reviewer"
        waiting = [one["id"] for one in box.carrel("duty", "show", "--project", "nlp")["records"]]
        for handed_in in waiting:
            shown = box.carrel("duty", "accept", handed_in)
        assert {one["state"] for one in shown["standing"]["duties"]} == {"fulfilled"}
        opened = ask(http)
        assert opened.status_code == 200
        assert "x-carrel-notice" not in opened.headers
        own = http.post("projects/nlp/duty/show", json={}).json()
        assert own["standing"]["level"] == "D3"
        assert http.post("projects/default/duty/show", json={}).status_code == 404
        box.carrel("duty", "withdraw", waiting[0], "--reason", "Other models", "--yes")
        assert ask(http).status_code == 403


def test_what_was_used_is_counted_again_after_a_kill_and_the_form_is_read_from_a_file(
    box: RealBox, tmp_path: Path
):
    box.carrel("model", "run", "mortal")
    key = box.new_key()
    with httpx.Client(base_url=box.url, headers={"authorization": f"Bearer {key}"}, timeout=30) as http:
        for _ in range(3):
            assert ask(http).status_code == 200
    used = sum(row["gflop"] for row in box.rows())
    (standing,) = box.carrel("duty", "list", "--project", "default")["projects"]
    assert standing["inference_gflop"] == used > 0
    box.kill()
    box.start()
    (standing,) = box.carrel("duty", "list", "--project", "default")["projects"]
    assert standing["inference_gflop"] == used
    limit = ("budget", "set", "--project", "default", "--credits")
    assert box.carrel(*limit, "9999")["limit_micro"] == 9999 * 10**6
    code, words = refusal(box, *limit, "20000")
    assert code == 4
    assert "asks for 2e19 FLOP this year, above 1e19" in words
    assert "`carrel agreement sign --project default --who NAME`" in words
    code, words = refusal(box, "duty", "submit", "--project", "default", "--duty", "extended-review")
    assert code == 2
    assert "`carrel duty checklist`" in words
    form = tmp_path / "answers.txt"
    form.write_text(box.carrel("duty", "checklist")["form"].replace(":\n", ": Yes, see the wiki.\n"))
    done = box.carrel(
        "duty", "fulfil", "--project", "default", "--duty", "extended-review", "--who", "Ada",
        "--answers", str(form),
    )  # fmt: skip
    assert done["records"][0]["self_approved"]
    assert json.dumps(done).count("Yes, see the wiki.") == 16
