"""The privacy policy is for everybody who can reach the API."""


async def test_the_policy_is_read_without_a_key_and_with_one(served):
    with_key = await served.http.get("/v1/policy")
    del served.http.headers["authorization"]
    without = await served.http.get("/v1/policy")
    assert with_key.status_code == without.status_code == 200
    assert without.json() == {
        "object": "carrel.policy",
        "keeps_content": False,
        "sections": [{"title": "How long", "statements": ["Not long."]}],
    }
    assert with_key.json() == without.json()
    assert without.headers["cache-control"] == "no-store"


async def test_a_wrong_key_does_not_close_it(served):
    response = await served.http.get("/v1/policy", headers={"authorization": "Bearer crl_wrong"})
    assert response.status_code == 200
