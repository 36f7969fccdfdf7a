"""What is remembered of requests that ended in an error."""

from appliance.domain.people import Caller
from appliance.domain.refusals import Refused
from appliance.errors import BadRequest, ClientLeft, NotAuthenticated, RateLimited
from appliance.policy.keys import SECRET_BYTES, format_key
from appliance.services.finding.refusals import MOST_OF_CALLERS, MOST_OF_NOBODY, Refusals

ADA = Caller("key_1", "ada", "nlp")


def refused(id="req_1", error=None, path="/v1/chat/completions", caller=ADA):
    return Refused(id, error or RateLimited("Wait a minute.", retry_after_s=60), path, caller)


def test_a_refusal_is_found_by_its_id_with_what_its_caller_was_told(clock):
    known = Refusals(clock)
    known.note(refused())
    found = known.find("req_1")
    assert (found.status, found.code, found.message) == (429, "rate_limit_exceeded", "Wait a minute.")
    assert (found.path, found.at_ms) == ("/v1/chat/completions", clock.time_ms)
    assert (found.project_id, found.person_id, found.key_id) == ("nlp", "ada", "key_1")


def test_nobody_is_named_where_nobody_is_known(clock):
    known = Refusals(clock)
    known.note(refused(error=NotAuthenticated("No key."), caller=None))
    found = known.find("req_1")
    assert (found.status, found.project_id, found.person_id, found.key_id) == (401, "", "", "")


def test_whoever_left_was_refused_nothing(clock):
    known = Refusals(clock)
    known.note(refused(error=ClientLeft("Gone.")))
    assert known.find("req_1") is None


def test_the_oldest_are_forgotten_first(clock):
    known = Refusals(clock)
    for number in range(MOST_OF_CALLERS + 1):
        known.note(refused(f"req_{number}"))
    assert known.find("req_0") is None
    assert known.find("req_1") is not None


def test_who_sends_without_a_key_pushes_out_nobody_elses(clock):
    known = Refusals(clock)
    known.note(refused("req_of_ada"))
    for number in range(2 * MOST_OF_CALLERS):
        known.note(refused(f"req_{number}", caller=None))
    assert known.find("req_of_ada") is not None
    assert known.find(f"req_{2 * MOST_OF_CALLERS - MOST_OF_NOBODY - 1}") is None


def test_a_key_in_a_path_or_message_is_not_kept(clock):
    key = format_key(b"x" * SECRET_BYTES)
    known = Refusals(clock)
    known.note(refused(error=BadRequest(f"No model {key}."), path=f"/v1/models/{key}"))
    found = known.find("req_1")
    assert key not in found.path + found.message


def test_what_is_kept_of_one_is_bounded(clock):
    known = Refusals(clock)
    known.note(refused(error=BadRequest("x" * 9999), path="/" + "y" * 9999))
    found = known.find("req_1")
    assert len(found.message) + len(found.path) <= 700


def test_nothing_is_known_any_more_once_it_was_forgotten(clock):
    known = Refusals(clock)
    known.note(refused())
    known.note(refused("req_2", caller=None))
    known.forget()
    assert (known.find("req_1"), known.find("req_2")) == (None, None)
