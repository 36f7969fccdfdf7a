"""A seat's key makes no other keys: its class would not be theirs."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.errors import NotPermitted
from appliance.services.classes.one_key import OneKeyEach
from tests.services.class_fakes import class_desk


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        desk.keys.object_to_more(OneKeyEach(desk.book).objection)
        yield desk


async def more(desk, key_id):
    actor = Actor("ioakley", Permission.MEMBER, person="ioakley", project="nlp", key_id=key_id)
    return await desk.keys.new(name="another", project="nlp", person="ioakley", actor=actor)


async def test_a_seat_makes_no_key_beside_its_own(desk):
    seat = await desk.seat(await desk.lesson(), key=True)
    with pytest.raises(NotPermitted, match="makes no others"):
        await more(desk, seat.key_id)


async def test_the_same_person_with_another_key_makes_more(desk):
    await desk.seat(await desk.lesson(), key=True)
    own = await desk.keys.issue(name="laptop", project="nlp", person="ioakley")
    assert (await more(desk, own.key.id)).key.startswith("crl_")
