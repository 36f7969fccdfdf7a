"""`carrel bench` asks as students do, and shows what a person and a program need."""

import pytest

pytestmark = pytest.mark.slow

QUICK = ("bench", "--concurrency", "1,2", "--requests", "3", "--warmup", "1")


def posted(api):
    return [one for one in api.requests if one[0] == "/v1/chat/completions"]


def test_every_level_is_a_run_with_the_terms_of_the_field(carrel, api):
    runs = carrel(*QUICK, "--goodput", "ttft:60000", "--json").document["runs"]
    assert [run["concurrency"] for run in runs] == [1, 2]
    for run in runs:
        assert (run["requests"], run["completed"], run["errors"], run["output_tokens"]) == (3, 3, 0, 9)
        for term in ("ttft_ms", "itl_ms", "tpot_ms", "e2el_ms"):
            assert set(run[term]) == {"p50", "p95", "p99"}
        assert run["goodput"] == run["request_throughput"] > 0
        assert run["output_tokens_per_s"] > 0
    assert len(posted(api)) == 1 + 3 + 3


def test_arrivals_at_random_instead_of_streams(carrel, api):
    (run,) = carrel("bench", "--rate", "500", "--requests", "4", "--json").document["runs"]
    assert (run["rate_per_s"], run["concurrency"], run["completed"]) == (500, None, 4)


@pytest.mark.parametrize(("streams", "keys"), [("1", 1), ("16", 1), ("40", 3)])
def test_streams_of_this_box_are_those_of_several_people(carrel, box, api, streams, keys):
    assert carrel("bench", "--concurrency", streams, "--requests", "1").code == 0
    names = [name for name, _ in box.handlers.calls if name.startswith("key.")]
    assert names == ["key.new"] * keys + ["key.revoke"] * keys


def test_another_address_gets_the_key_of_its_own_clients(carrel, box, api):
    carrel.environ |= {"OPENAI_API_KEY": "sk-of-that-service", "CARREL_API_KEY": "crl_mine"}
    assert carrel(*QUICK, "--url", api.url).code == 0
    assert {header for _, header, _ in api.requests} == {"Bearer sk-of-that-service"}
    assert box.handlers.calls == []


def test_this_box_never_gets_the_key_of_another_service(carrel, api):
    carrel.environ["OPENAI_API_KEY"] = "sk-of-another-service"
    assert carrel(*QUICK).code == 0
    assert {header for _, header, _ in api.requests} == {"Bearer text"}


def test_a_server_without_keys_needs_none(carrel, api):
    assert carrel(*QUICK, "--url", api.url, "--model", "m").code == 0
    assert {header for _, header, _ in api.requests} == {""}


def test_a_person_sees_a_line_a_level_and_what_the_numbers_are(carrel, api):
    done = carrel(*QUICK, "--goodput", "ttft:60000")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "TTFT" in lines[0]
    assert "GOODPUT" in lines[0]
    assert [line.split()[0] for line in lines[1:3]] == ["1", "2"]
    assert "█" in done.out
    assert "p50/p95/p99 in ms" in done.out


def test_what_failed_is_told(carrel, api):
    answer = api.answer
    turns = iter([False, True])
    api.answer = lambda path: (
        (
            429,
            {
                "error": {"message": "the queue is full"},
                "choices": [{"message": {"content": ""}}],
                "usage": {},
            },
        )
        if path.endswith("completions") and next(turns, True)
        else answer(path)
    )
    done = carrel("bench", "--concurrency", "1", "--requests", "2", "--warmup", "1")
    assert done.code == 0
    assert "First error: HTTP 429" in done.out


def test_an_api_that_does_not_answer_ends_it_at_the_first_request(carrel, api):
    carrel.environ["OPENAI_API_KEY"] = "x"
    done = carrel(*QUICK, "--url", "http://127.0.0.1:1/v1", "--model", "m")
    assert done.code == 5
    assert "does not answer" in done.err


@pytest.mark.parametrize(
    "words",
    [("--concurrency", "x"), ("--rate", "0"), ("--rate", "1", "--concurrency", "1"), ("--goodput", "fast")],
)
def test_wrong_words_are_refused_before_a_key_is_made(carrel, box, api, words):
    assert carrel("bench", *words).code == 2
    assert box.handlers.calls == []


def test_a_plot_is_written_and_named(carrel, api, tmp_path):
    path = tmp_path / "plot.png"
    assert carrel(*QUICK, "--plot", str(path), "--json").document["plot"] == str(path)
    assert path.read_bytes().startswith(b"\x89PNG")
