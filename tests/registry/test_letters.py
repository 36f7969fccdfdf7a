"""Letters between boxes: carried as they were signed, to whoever they are for, and not too many."""

import secrets

import msgspec
import pytest

from appliance.federation.protocol import kinds
from appliance.federation.protocol.letters import MOST_A_DAY, AccessRequest, FlawAnswer
from appliance.federation.protocol.messages import Letter, Received
from appliance.federation.protocol.replies import Refused
from appliance.registry.operating.boxes import suspend_box
from appliance.trust.sealing import SealingKey, make_key_pair
from appliance.trust.signed import signer_of, verify
from tests.federation.made import new_key
from tests.registry.desks import DAY_S

REQUEST = AccessRequest(model="north.m", purpose="A seminar", contact="ada", sealing_key="k" * 43)
THREAD = "thr_0123456789ab"


@pytest.fixture
def north(desk):
    return desk.box(organization="north")


@pytest.fixture
def south(desk):
    return desk.box("South College")


def body(one=REQUEST):
    return msgspec.json.encode(one).decode()


def write(box, **changed):
    said = {"to_organization": "north", "kind": "access-request", "thread": THREAD, "body": body()}
    return box.say(kinds.LETTER, Letter, **(said | changed))


def fetched(desk, box):
    """What a box finds of letters."""
    return [one for kind, one in desk.read(box.sync()) if kind == kinds.FORWARDED]


def refusal(job):
    with pytest.raises(Refused) as caught:
        job()
    return caught.value.name


def test_a_letter_to_an_organization_reaches_each_of_its_boxes_as_it_was_signed(desk, north, south):
    second = desk.box(organization="north")
    assert write(south).items == ()
    for box in (north, second):
        (one,) = fetched(desk, box)
        assert (one.sub, one.from_box, one.from_institution) == (box.id, south.id, "South College")
        assert (one.from_organization, one.from_keys) == ("", (south.key.public.id,))
        letter = verify(one.letter, kinds.LETTER, signer_of(one.letter), Letter)
        assert (letter.body, signer_of(one.letter).id) == (body(), south.key.public.id)
    assert fetched(desk, south) == []


def test_a_letter_to_a_box_says_of_which_organization_its_sender_is(desk, north, south):
    write(north, to_organization="", to_box=south.id, kind="access-end", body='{"model":"north.m","reason":"no","v":1,"why":"denied"}')  # fmt: skip  # noqa: E501
    (one,) = fetched(desk, south)
    assert (one.from_organization, one.from_box) == ("north", north.id)


def test_a_letter_comes_until_its_reader_says_that_it_is_there(desk, north, south):
    write(south)
    (one,) = fetched(desk, north)
    (again,) = fetched(desk, north)
    assert again.jti == one.jti
    north.say(kinds.RECEIVED, Received, items=(one.jti,))
    assert fetched(desk, north) == []


def test_the_same_letter_again_is_carried_once(desk, north, south):
    said = {"to_organization": "north", "kind": "access-request", "thread": THREAD, "body": body()}
    token = south.token(kinds.LETTER, Letter, **said)
    desk.send(south.key, token)
    assert desk.send(south.key, token).duplicate
    assert len(fetched(desk, north)) == 1


def test_after_a_rotation_the_reader_is_told_both_keys(desk, north, south):
    old, new = south.key, new_key()
    token = south.token(
        kinds.LETTER, Letter, to_organization="north", kind="access-request", thread=THREAD, body=body()
    )
    desk.send(south.key, south.rotation(new))
    south.key = new
    desk.send(old, token)
    write(south)
    first, second = fetched(desk, north)
    assert first.from_keys[0] == old.public.id
    assert second.from_keys[0] == new.public.id
    assert set(first.from_keys) == set(second.from_keys) == {old.public.id, new.public.id}


def test_a_letter_to_nobody_to_two_or_to_a_suspended_box_is_refused(desk, north, south):
    assert refusal(lambda: write(south, to_organization="west")) == "not-found"
    assert refusal(lambda: write(south, to_organization="", to_box="x" * 43)) == "not-found"
    assert refusal(lambda: write(south, to_box=north.id)) == "schema"
    assert refusal(lambda: write(south, to_organization="")) == "schema"
    suspend_box(desk.office, north.id, "It was lost.")
    assert refusal(lambda: write(south)) == "not-found"


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "flaw-report"},
        {"body": body(FlawAnswer(model="north.m", verdict="accepted", reason="Yes."))},
        {"body": body()[:-1] + ',"more":1}'},
        {"body": body(msgspec.structs.replace(REQUEST, purpose="A \x1b[2J seminar"))},
        {"body": body(msgspec.structs.replace(REQUEST, purpose="a" * 2001))},
        {"body": "not JSON"},
        {"body": "{"},
        {"kind": "access-grant", "body": '{"key":"crl_12345678","model":"north.m","v":1}'},
    ],
    ids=["another kind", "another body", "unknown field", "control sign", "too long", "text", "half", "bare"],
)
def test_a_letter_that_is_not_what_it_says_is_refused(desk, north, south, changed):
    assert refusal(lambda: write(south, **changed)) == "schema"
    assert fetched(desk, north) == []


def test_a_sealed_letter_is_carried_unread_up_to_its_size(desk, north, south):
    reader = SealingKey.read(make_key_pair().public)
    write(south, body=reader.seal(b"anything at all" * 100))
    assert len(fetched(desk, north)) == 1
    assert refusal(lambda: write(south, body="é" * 100_000)) == "too-large"


def test_a_box_writes_so_many_letters_a_day_and_no_more(desk, north, south):
    for _ in range(MOST_A_DAY):
        write(south, thread=f"thr_{secrets.token_hex(6)}")
    with pytest.raises(Refused) as caught:
        write(south)
    assert (caught.value.name, caught.value.problem().retryable) == ("rate", True)
    assert 0 < caught.value.members["retry_after_s"] <= DAY_S
    desk.clock.now_s += DAY_S
    write(south)
