"""The caller's own account on the wire."""

from appliance.api.me import MyAccess, _access
from appliance.domain.access import AccessDecision, Grant, OwnAccess
from tests.api.fakes import KEY


async def test_me_says_who_asked_what_is_left_and_what_is_kept(served):
    response = await served.http.get("/v1/me")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["key"] == {
        "id": "key-1",
        "name": "laptop",
        "last4": "ab12",
        "created_ms": 1,
        "expires_ms": None,
    }
    assert (body["person"], body["project"]["id"]) == ("ada", "default")
    assert body["budget"] == {
        "limit_micro": 2_500_000,
        "spent_micro": 1_000_000,
        "held_micro": 500_000,
        "left_micro": 1_000_000,
        "limit": "2.5",
        "spent": "1",
        "held": "0.5",
        "left": "1",
    }
    assert body["rates"]["tokens"] == {"limit": 6000, "left": 5880, "full_in_s": 0.12}
    assert body["queue"] == {"waiting": 1, "waiting_limit": 64, "running": 2, "running_limit": 32}
    assert body["usage"]["of"] == "person"
    assert body["usage"]["models"][0] == {
        "model": "tiny",
        "requests": 2,
        "prompt_tokens": 10,
        "cached_tokens": 4,
        "completion_tokens": 5,
        "spent_micro": 50,
        "spent": "0.00005",
    }
    assert body["recorded"] == {"of_each_request": ["its id"], "statements": ["Prompts are not kept."]}
    assert [one["id"] for one in body["models"]] == ["tiny", "tiny-1.5@f16", "lab/Tiny:chat"]
    assert body["models"][2]["alias_of"] == "tiny"


async def test_the_key_itself_is_never_told(served):
    assert KEY not in (await served.http.get("/v1/me")).text


def test_what_a_tier_asks_is_told_with_the_next_step_and_what_was_granted_with_its_conditions():
    grant = Grant("m", "nlp", 9, conditions="No prints.")
    missing = AccessDecision("agreement", "you", "Sign it.", own_act=True)
    found = [
        _access(OwnAccess("r", "registered", missing)),
        _access(OwnAccess("m", "approved", AccessDecision(grant=grant))),
    ]
    assert found == [
        MyAccess("r", "registered", "agreement", "you", "Sign it.", "", None),
        MyAccess("m", "approved", None, None, None, "No prints.", 9),
    ]


async def test_every_limit_on_spending_is_told_with_what_is_left_of_it(served):
    body = (await served.http.get("/v1/me")).json()
    assert body["allocations"] == [
        {
            "scope": "person",
            "subject": "ada",
            "window": "day",
            "limit_micro": 5_000_000,
            "given_micro": 1_000_000,
            "spent_micro": 2_000_000,
            "held_micro": 500_000,
            "left_micro": 3_500_000,
            "left": "3.5",
            "ends_ms": 20_001 * 86_400_000,
            "about": {
                "model": "tiny",
                "questions": 35,
                "tokens": 7000,
                "gpu_hours": None,
                "basis": "what you used in 30 days",
            },
            "more_from": "a lead of the project",
        }
    ]
