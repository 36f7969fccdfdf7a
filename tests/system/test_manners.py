"""A real box with two people: limits told and kept, aliases, each one's own account, metrics, pages."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance.api.documentation.endpoint import DEMO_MODEL, Endpoint
from appliance.api.endpoints import endpoints
from appliance.edge.access import PageAccess
from tests.system.box import RealBox

pytestmark = pytest.mark.slow

PAGE = "http://lab.example:3000"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    extra = {
        "CARREL_REQUESTS_PER_MINUTE": "6",
        "CARREL_TOKENS_PER_MINUTE": "1200",
        "CARREL_ALIASES": "gpt-4o-mini=handbook-tiny",
        "CARREL_CORS_ORIGINS": PAGE,
        "CARREL_METRICS_ACCESS": "loopback",
    }
    box = RealBox(tmp_path_factory.mktemp("home"), extra=extra).start()
    yield box
    box.stop()


def client(box: RealBox, key: str | None) -> httpx.Client:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{box.port}", headers=headers, timeout=60)


def ask(http: httpx.Client, **more: object) -> httpx.Response:
    messages = [{"role": "user", "content": "What is a credit?"}]
    body = {"model": "handbook-tiny", "messages": messages, "max_tokens": 8, "temperature": 0, **more}
    return http.post("/v1/chat/completions", json=body)


def metrics(box: RealBox) -> "Counter[tuple[str, str]]":
    """By name and the label that matters, summed over the others."""
    with client(box, None) as http:
        text = http.get("/metrics").raise_for_status().text
    told: Counter[tuple[str, str]] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            label = sample.labels.get("model") or sample.labels.get("endpoint") or ""
            told[sample.name, label] += sample.value
    return told


def test_limits_are_told_given_back_and_refused_with_a_time_to_wait(box: RealBox):
    with client(box, box.new_key("limits")) as http:
        first = ask(http)
        used = first.json()["usage"]["total_tokens"]
        assert first.headers["x-ratelimit-limit-tokens"] == "1200"
        assert int(first.headers["x-ratelimit-remaining-tokens"]) >= 1200 - used
        assert first.headers["x-ratelimit-remaining-requests"] == "5"
        assert first.headers["x-ratelimit-reset-requests"].endswith("s")
        answers = [ask(http) for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [429]
        refused = answers[-1]
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert refused.headers["x-ratelimit-remaining-requests"] == "0"
        assert 1 <= int(refused.headers["retry-after"]) <= 10


def test_more_than_a_minutes_tokens_is_a_mistake_and_many_at_once_are_refused(box: RealBox):
    with client(box, box.new_key("hungry")) as http:
        too_many = ask(http, max_tokens=150, n=16)
        assert (too_many.status_code, too_many.json()["error"]["param"]) == (400, "max_tokens")
        with ThreadPoolExecutor(3) as together:
            answers = list(together.map(lambda _: ask(http, max_tokens=150, n=3, temperature=1), range(3)))
        assert sorted(one.status_code for one in answers) == [200, 200, 429]


def test_nobody_sees_anothers_numbers(box: RealBox):
    keys = {name: box.new_key(name) for name in ("ada", "bob")}
    with client(box, keys["ada"]) as ada, client(box, keys["bob"]) as bob:
        counts = ask(ada).json()["usage"]
        hers, his = ada.get("/v1/me").json(), bob.get("/v1/me").json()
    assert (hers["key"]["name"], his["key"]["name"]) == ("ada", "bob")
    (line,) = hers["usage"]["models"]
    assert (line["model"], line["requests"]) == ("handbook-tiny", 1)
    assert line["prompt_tokens"] == counts["prompt_tokens"]
    assert his["usage"]["models"] == []
    assert (hers["rates"]["requests"]["left"], his["rates"]["requests"]["left"]) == (5, 6)
    assert hers["queue"]["running"] == 0
    assert hers["budget"]["limit"] == "none"
    assert not [key for key in keys.values() if key in str(hers) + str(his)]


def test_an_alias_is_listed_served_and_answered_with_the_models_own_name(box: RealBox):
    with client(box, box.new_key("alias")) as http:
        listed = {one["id"]: one["carrel"]["alias_of"] for one in http.get("/v1/models").json()["data"]}
        assert listed == {"handbook-tiny": None, "gpt-4o-mini": "handbook-tiny"}
        answer = ask(http, model="gpt-4o-mini").json()
        assert answer["model"] == "handbook-tiny"
        shown = http.get("/v1/models/gpt-4o-mini").json()["carrel"]
        assert shown["fingerprint"] == answer["system_fingerprint"]
        assert len(shown["file_sha256"]) == 64


def test_metrics_count_what_was_asked(box: RealBox):
    before = metrics(box)
    with client(box, box.new_key("metrics")) as http:
        counts = ask(http).json()["usage"]
    after = metrics(box)

    def grown(name: str, label: str = "handbook-tiny") -> float:
        return after[name, label] - before[name, label]

    assert grown("carrel_prompt_tokens_total") == counts["prompt_tokens"]
    assert grown("carrel_generation_tokens_total") == counts["completion_tokens"]
    assert grown("carrel_time_to_first_token_seconds_count") == 1
    assert grown("carrel_inter_token_latency_seconds_count") == counts["completion_tokens"] - 1
    assert grown("carrel_http_requests_total", "/v1/chat/completions") == 1
    assert after["carrel_kv_tokens_capacity", "handbook-tiny"] > 0
    assert after["carrel_ledger_holds", ""] == 0
    assert after["process_resident_memory_bytes", ""] > 0


def test_a_page_of_the_list_may_use_the_api_from_a_browser(box: RealBox):
    with client(box, None) as http:
        preflight = {"origin": PAGE, "access-control-request-method": "POST"}
        assert http.options("/v1/chat/completions", headers=preflight).status_code == 204
        assert (
            http.options("/v1/chat/completions", headers={**preflight, "origin": "http://x"}).status_code
            == 401
        )
        answer = http.get("/v1/models", headers={"origin": PAGE})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == PAGE


def test_an_alias_that_shadows_a_model_keeps_the_box_from_starting(tmp_path):
    box = RealBox(tmp_path, extra={"CARREL_ALIASES": "handbook-tiny=handbook-tiny@f16"})
    with pytest.raises(AssertionError, match="handbook-tiny is the name of a model"):
        box.start()


EXAMPLES = [one for one in endpoints(PageAccess()) if (one.example or {}).get("model") == DEMO_MODEL]


@pytest.mark.parametrize("endpoint", EXAMPLES, ids=lambda one: one.path)
def test_every_documented_example_is_answered(box: RealBox, endpoint: Endpoint):
    with client(box, box.new_key("examples")) as http:
        response = http.request(endpoint.method, endpoint.path, json=endpoint.example)
    assert response.status_code == endpoint.status, response.text
    six = [name for name in response.headers if name.startswith("x-ratelimit-")]
    assert len(six) == (6 if endpoint.computes else 0)
