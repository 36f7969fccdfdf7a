"""A lab hosts its model and gives another lab's box structured access to it: no byte of it leaves."""

import threading
import time

import httpx
import pytest

from tests.system.labs_of_a_registry import RECORD, RESTRICTIONS, Labs, carrel

pytestmark = pytest.mark.slow

MODEL = "north.handbook-tiny"
QUESTION = {"messages": [{"role": "user", "content": "Which port does Carrel listen on?"}]}


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    labs = Labs.started(tmp_path_factory.mktemp("labs"))
    yield labs
    labs.stop()


def ask(labs, key, **more):
    return httpx.post(
        f"{labs.other.url}/chat/completions",
        json={"model": MODEL, **QUESTION, **more},
        headers={"authorization": f"Bearer {key}"},
        timeout=60,
    )


def test_a_model_is_asked_on_its_owner_s_box_and_revoked_there(labs, tmp_path):
    record, restrictions = tmp_path / "record.toml", tmp_path / "restrictions.toml"
    record.write_text(RECORD)
    restrictions.write_text(RESTRICTIONS)
    carrel(
        labs.owner.environment, "share", "access", "handbook-tiny", "--record", str(record),
        "--restrictions", str(restrictions), "--address", labs.owner.url.removesuffix("/v1"),
        "--prompt-credits", "2", "--answer-credits", "5",
    )  # fmt: skip
    labs.sync()
    labs.other.carrel("catalog", "refresh")

    # It is there, it says whose it is, and nobody may use it yet.
    shown = labs.other.carrel("model", "show", MODEL)
    assert shown["upstream"]["host"] == f"127.0.0.1:{labs.owner.port}"
    code, words = carrel(labs.other.environment, "model", "run", MODEL, check=False)
    assert code == 4, words
    assert "carrel share request" in words

    # Asked, granted, and the key comes sealed.
    labs.other.carrel("share", "request", MODEL, "--purpose", "A seminar on appliances")
    labs.sync()
    (asked,) = labs.owner.carrel("share", "requests")["peers"]
    assert (asked["institution"], asked["purpose"]) == ("South College", "A seminar on appliances")
    labs.owner.carrel("share", "decide", asked["id"], "--grant", "--credits", "1", "--days", "30")
    labs.sync()
    (mine,) = labs.other.carrel("share", "borrowed")["borrowed"]
    assert (mine["state"], mine["limit_micro"], mine["lacks"]) == ("granted", 1_000_000, "")
    assert labs.other.carrel("model", "run", MODEL)["state"] == "ready"

    # One budget here pays the entry's price, the owner's ledger has the arithmetic.
    key = labs.other.new_key("student")
    answer = ask(labs, key, temperature=0)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == "Carrel listens on port 7411."
    here = [row for row in labs.other.rows() if row["model_id"] == MODEL]
    there = [row for row in labs.owner.rows() if row["project_id"].startswith("peer-")]
    assert here[0]["gflop"] > 0
    assert there[0]["gflop"] > 0
    (peer,) = labs.owner.carrel("share", "peers")["peers"]
    assert peer["spent_micro"] == sum(row["gflop"] for row in there)
    assert peer["left_micro"] == 1_000_000 - peer["spent_micro"]

    # The owner's restrictions hold here, by their owner's name.
    refused = ask(labs, key, max_tokens=65)
    assert refused.status_code == 403
    assert f"owner:{MODEL}" in refused.text

    # The key opens that model alone, wherever it is sent.
    secret = (labs.other.home / "box" / "data" / "upstream-keys" / f"access.{MODEL}").read_text().strip()
    with httpx.Client(base_url=labs.owner.url, headers={"authorization": f"Bearer {secret}"}) as direct:
        assert [one["id"] for one in direct.get("/models").json()["data"]] == ["handbook-tiny"]

    # Not one byte of weights: neither in the folder of models nor as a blob.
    models = labs.other.home / "box" / "models"
    assert not [one for one in models.rglob("*") if one.is_file()]

    # Revoked: refused within a second, a stream in flight ends, and the other box says why.
    told = stream_until_cut(labs, key)
    labs.owner.carrel("share", "revoke", asked["id"], "--reason", "The seminar is over.")
    assert told() < 10
    assert ask(labs, key).status_code in {502, 503}
    labs.sync()
    gone = ask(labs, key)
    assert gone.status_code in {403, 404, 503}
    assert "The seminar is over." in labs.other.carrel("share", "borrowed")["borrowed"][0]["lacks"]
    assert not (labs.other.home / "box" / "data" / "upstream-keys" / f"access.{MODEL}").exists()


def stream_until_cut(labs, key):
    """Answers follow each other until one is refused; how long after asking that was, in s."""
    ended = threading.Event()

    def run():
        while ask(labs, key, max_tokens=60).status_code == 200:
            pass
        ended.set()

    threading.Thread(target=run, daemon=True).start()
    begun = time.monotonic()

    def told():
        assert ended.wait(30)
        return time.monotonic() - begun

    return told
