"""A student of one box uses a model of another, with all that is promised of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.system.box import RealBox
from tests.system.two_boxes import TwoBoxes, add, recipe, start_two, store_key
from tests.upstreams.hostile_host import HostileHost

pytestmark = pytest.mark.slow

QUESTION = [{"role": "user", "content": "Which port does Carrel listen on?"}]
ANSWER = "Carrel listens on port 7411."
MODELS = ("far", "far-guessed")


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory):
    boxes = start_two(tmp_path_factory.mktemp("two"))
    yield boxes
    boxes.near.stop()
    boxes.far.stop()


@pytest.fixture
def client(boxes: TwoBoxes) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=boxes.near.url, api_key=boxes.key, max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, model: str, **more):
    return client.chat.completions.create(model=model, messages=QUESTION, **more)


@pytest.mark.parametrize("model", MODELS)
def test_whole_and_streamed_answers_are_the_same_and_say_that_they_left_the_box(boxes, client, model):
    host = f"127.0.0.1:{boxes.far.port}"
    whole = client.chat.completions.with_raw_response.create(model=model, messages=QUESTION)
    assert whole.headers["x-carrel-leaves-box"] == host
    answer = whole.parse()
    assert answer.choices[0].message.content == ANSWER
    assert answer.system_fingerprint == "crl-r3-upstream:other-box"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (19, 7)
    with client.chat.completions.with_streaming_response.create(
        model=model, messages=QUESTION, stream=True, stream_options={"include_usage": True}
    ) as streamed:
        assert streamed.headers["x-carrel-leaves-box"] == host
        events = [json.loads(line[6:]) for line in streamed.iter_lines() if line.startswith("data: {")]
    assert (
        "".join(one["choices"][0]["delta"].get("content") or "" for one in events if one["choices"]) == ANSWER
    )
    assert events[-1]["usage"]["completion_tokens"] == 7


@pytest.mark.parametrize("model", MODELS)
def test_counts_limits_stops_choices_and_seeds_are_as_at_home(client, model):
    cut = ask(client, model, max_tokens=3)
    assert (cut.usage.completion_tokens, cut.choices[0].finish_reason) == (3, "length")
    stopped = ask(client, model, stop=["7411"])
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == (
        "Carrel listens on port ", "stop",
    )  # fmt: skip
    assert len({one.message.content for one in ask(client, model, n=3).choices}) == 1
    wild = [ask(client, model, temperature=1.5, seed=4, max_tokens=20) for _ in range(2)]
    assert wild[0].choices[0].message.content == wild[1].choices[0].message.content
    told = ask(client, model, logprobs=True, top_logprobs=2, max_tokens=4).choices[0].logprobs.content
    assert [len(one.top_logprobs) for one in told] == [2, 2, 2, 2]
    text = client.completions.create(model=model, prompt="Carrel listens on", max_tokens=2, temperature=0)
    assert text.usage.completion_tokens == 2


def test_the_official_client_needs_two_variables_and_nothing_else(boxes):
    script = """
from openai import OpenAI
client = OpenAI()
question = {"role": "user", "content": "Which port does Carrel listen on?"}
ask = dict(model="far", messages=[question])
whole = client.chat.completions.create(**ask).choices[0].message.content
parts = client.chat.completions.create(**ask, stream=True)
assert "".join(p.choices[0].delta.content or "" for p in parts if p.choices) == whole
[far] = [one for one in client.models.list() if one.id == "far"]
print(whole, far.carrel["leaves_box"] is not None)
"""
    kept = {"PATH": os.environ["PATH"], "OPENAI_BASE_URL": boxes.near.url, "OPENAI_API_KEY": boxes.key}
    done = subprocess.run(
        [sys.executable, "-c", script], env=kept, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == f"{ANSWER} True\n", done.stderr


def test_it_is_labeled_wherever_it_is_shown(boxes):
    host = f"127.0.0.1:{boxes.far.port}"
    listed = {one["id"]: one for one in boxes.near.carrel("model", "list", "--all")["models"]}
    assert (listed["far"]["leaves_box"], listed["handbook-tiny"]["leaves_box"]) == (host, None)
    shown = boxes.near.carrel("model", "show", "far")
    assert shown["upstream"]["host"] == shown["leaves_box"] == host
    assert shown["upstream"]["key_stored"]
    headers = {"authorization": f"Bearer {boxes.key}"}
    me = httpx.get(f"{boxes.near.url}/me", headers=headers).json()
    assert {one["id"]: one["leaves_box"] for one in me["models"]} == {"far": host, "far-guessed": host}
    assert "leaves_box" in httpx.get(f"http://127.0.0.1:{boxes.near.port}/docs").text
    assert (
        "carrel_upstream_answers_total"
        in httpx.get(f"http://127.0.0.1:{boxes.near.port}/metrics", headers=headers).text
    )


def test_it_is_paid_by_its_price_from_the_students_budget(boxes):
    boxes.near.carrel("project", "new", "poor")
    key = boxes.near.new_key("poor student", "--project", "poor")
    boxes.near.carrel("budget", "set", "--project", "poor", "--credits", "0.0005")
    before = boxes.near.carrel("budget", "show", "--project", "poor")
    with openai.OpenAI(base_url=boxes.near.url, api_key=key, max_retries=0) as poor:
        with pytest.raises(openai.RateLimitError) as refused:
            ask(poor, "far", max_tokens=96)
        assert refused.value.code == "insufficient_quota"
        ask(poor, "far", max_tokens=20)
    after = boxes.near.carrel("budget", "show", "--project", "poor")
    row = boxes.near.rows()[-1]
    assert after["spent_micro"] - before["spent_micro"] == 19 * 2 + 7 * 5 == row["gflop"]
    assert (after["held_micro"], row["engine_build"], row["flop_method"]) == (
        0,
        "upstream:other-box",
        "price-v1",
    )


def test_the_far_boxs_budget_counts_too(boxes, client):
    boxes.far.carrel("budget", "set", "--credits", "0")
    try:
        with pytest.raises(openai.RateLimitError) as refused:
            ask(client, "far")
    finally:
        boxes.far.carrel("budget", "set", "--credits", "none")
    assert refused.value.code == "upstream_busy"
    assert boxes.near.rows()[-1]["gflop"] == 0


def test_what_it_cannot_do_is_refused_before_anything_leaves(boxes, client):
    before = len(boxes.far.rows())
    with pytest.raises(openai.BadRequestError):
        ask(client, "far", logit_bias={"1": 5})
    with pytest.raises(openai.BadRequestError):
        client.completions.create(model="far", prompt=[1, 2, 3])
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="far", input="x")
    assert len(boxes.far.rows()) == before


def test_no_key_and_no_prompt_is_in_a_log_or_an_answer(boxes, client):
    ask(client, "far")
    told = boxes.logs() + json.dumps(boxes.near.carrel("model", "show", "far"))
    told += json.dumps(boxes.near.carrel("config", "get"))
    assert boxes.far_key not in told
    assert boxes.far_key.rpartition("_")[2] not in told
    assert "Which port" not in told


def test_a_wrong_key_and_a_dead_host_are_clear_and_cost_nothing(tmp_path):
    with HostileHost().serving() as host:
        near = RealBox(tmp_path, extra={"CARREL_UPSTREAMS": "true", "CARREL_RUN_DEMO": "false"})
        for model in (
            "honest",
            "wants-another-key",
            "breaks",
            "redirects",
            "overruns",
            "lies-more",
            "too-busy",
        ):
            add(near, model, recipe(model, host.url, model=model, key="lab"))
        add(near, "keyless", recipe("keyless", host.url, model="honest", key="missing"))
        store_key(near, "lab", "sk-the-labs-own-key")
        near.start()
        try:
            for model in (
                "honest",
                "wants-another-key",
                "breaks",
                "redirects",
                "overruns",
                "lies-more",
                "too-busy",
            ):
                near.carrel("model", "run", model)
            with pytest.raises(AssertionError, match="carrel upstream key missing"):
                near.carrel("model", "run", "keyless")
            with openai.OpenAI(base_url=near.url, api_key=near.new_key(), max_retries=0) as client:
                for model in ("wants-another-key", "redirects", "too-busy"):
                    with pytest.raises(openai.APIStatusError) as refused:
                        ask(client, model)
                    assert refused.value.status_code == (429 if model == "too-busy" else 502)
                    assert near.rows()[-1]["gflop"] == 0
                assert refused.value.response.headers["retry-after"] == "3600"
                with pytest.raises(openai.InternalServerError):
                    ask(client, "breaks")
                assert near.rows()[-1]["gflop"] > 0
                with pytest.raises(openai.APIError):
                    list(ask(client, "breaks", stream=True))
                overrun = ask(client, "overruns", max_tokens=5)
                assert (overrun.usage.completion_tokens, overrun.choices[0].finish_reason) == (5, "length")
                lied = ask(client, "lies-more", max_tokens=50)
                assert lied.usage.completion_tokens == 50
            assert near.carrel("model", "show", "lies-more")["upstream"]["alarms"] == 1
            assert all(one[1].get("authorization") == "Bearer sk-the-labs-own-key" for one in host.asked)
        finally:
            near.stop()
        log = (tmp_path / "box" / "log" / "carrel.jsonl").read_text()
        assert "upstream_usage_differs" in log
        assert "upstream_overran" in log
        assert "sk-the-labs-own-key" not in log


@pytest.mark.parametrize(
    ("setting", "code"),
    [({}, "model_not_running"), ({"OFFLINE": "true", "UPSTREAMS": "true"}, "offline"),
     ({"EXAM": "true", "UPSTREAMS": "true"}, "model_not_running")],
)  # fmt: skip
def test_it_is_off_unless_all_settings_agree_and_then_nobody_is_asked(tmp_path, setting, code):
    with HostileHost().serving() as host:
        extra = {f"CARREL_{name}": value for name, value in setting.items()}
        near = RealBox(tmp_path, extra={**extra, "CARREL_RUN_DEMO": "false"})
        add(near, "far", recipe("far", host.url, model="honest", key=""))
        near.start()
        try:
            with pytest.raises(AssertionError, match="hosted elsewhere"):
                near.carrel("model", "run", "far")
            client = openai.OpenAI(base_url=near.url, api_key=near.new_key(), max_retries=0)
            with client, pytest.raises(openai.InternalServerError) as refused:
                ask(client, "far")
            assert (refused.value.status_code, refused.value.code) == (503, code)
            assert near.carrel("model", "show", "far")["upstream"]["off"]
        finally:
            near.stop()
        assert host.asked == []


def test_a_bad_file_is_left_out_and_named(tmp_path):
    near = RealBox(tmp_path)
    add(near, "far", recipe("far", "http://api.example.org/v1"))
    near.start()
    try:
        recipes = near.carrel("recipe", "list")["recipes"]
        (left_out,) = [one for one in recipes if one["id"] == "far"]
        assert left_out["state"] == "left out"
        assert "far.toml" in left_out["reason"]
        with pytest.raises(AssertionError, match=r"far\.toml"):
            near.carrel("model", "run", "far")
    finally:
        near.stop()
