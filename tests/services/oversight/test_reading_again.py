"""Rows that were changed behind the book's back, as erasing a person does, are what counts from then on."""

from dataclasses import replace

from appliance.domain.oversight import Scope, Trip
from tests.services.oversight.conftest import ADA, EVE


async def test_an_erased_holder_is_known_by_the_new_id_and_never_written_back(look):
    wire = look.tripwires.all["logprob-harvest"]
    look.book.tripped(ADA, wire, Trip(wire.id, 1600, 16_000))
    found = await look.one()
    look.tables.incidents[found.id] = replace(found, holder="erased-1", person_id="erased-1")
    await look.book.load()
    assert look.book.of(Scope.of(ADA)) == []
    await look.end()
    assert [one.holder for one in look.tables.incidents.values()] == ["erased-1"]


async def test_what_is_not_written_yet_is_not_forgotten(look):
    wire = look.tripwires.all["logprob-harvest"]
    look.book.tripped(EVE, wire, Trip(wire.id, 1600, 16_000))
    await look.book.load()
    assert [one.wire for one in look.book.of(Scope.of(EVE))] == [wire.id]
