"""From arguments of the table to fields and back, and what is offered for them."""

import msgspec
import pytest

from appliance.domain.action import Blast, Permission
from appliance.domain.actions import ACTIONS, action
from appliance.domain.arguments import check_arguments
from tests.tui.hostile import HOSTILE
from tests.tui.scenes.acting import ANSWERS
from tui.acting.fields import Drawn, fault_of, fields_of, values_of
from tui.acting.ladder import REHEARSAL
from tui.acting.sources import MODELS, Offer, all_sources, fitting, offers_of, question_of, taken


@pytest.mark.parametrize("row", ACTIONS, ids=lambda one: one.name)
def test_every_argument_has_a_field_but_the_rehearsal(row):
    fields = fields_of(row, {})
    assert {one.name for one in fields} == {one.name for one in row.arguments} - {REHEARSAL}
    needed = [one.argument.required for one in fields]
    assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize("row", ACTIONS, ids=lambda one: one.name)
def test_an_untouched_form_means_the_defaults(row):
    fields = fields_of(row, {})
    values = values_of(fields, {})
    needs = [one for one in row.arguments if one.required and not one.choices]
    if needs:
        fault = fault_of(row, fields, values)
        assert fault is not None
        assert fault.param in {one.name for one in needs}
    else:
        assert fault_of(row, fields, values) is None
        first = {one.name: one.choices[0] for one in row.arguments if one.choices and one.required}
        assert check_arguments(row, values) == check_arguments(row, first)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_cannot_be_shown_stays_what_it_was_until_somebody_types(text):
    fields = fields_of(action("class.message"), {"name": "nlp", "text": text})
    assert values_of(fields, {})["text"] == text
    assert values_of(fields, {"text": "other"})["text"] == "other"


def test_a_number_is_a_number_and_no_number_is_refused_at_its_field():
    row = action("key.new")
    fields = fields_of(row, {})
    assert values_of(fields, {"name": "x", "running": " 5 "})["running"] == 5
    for wrong in ("five", "5.5", "-1", "9" * 30, "٣"):
        fault = fault_of(row, fields, values_of(fields, {"name": "x", "running": wrong}))
        assert fault is not None, wrong
        assert fault.param == "running"


def test_who_accepts_is_needed_once_a_license_is_accepted():
    row = action("model.pull")
    fields = fields_of(row, {"model": "demo"})
    assert fault_of(row, fields, values_of(fields, {})) is None
    fault = fault_of(row, fields, values_of(fields, {"accept_license": "a" * 64}))
    assert fault is not None
    assert fault.param == "who"


def test_a_file_that_came_with_the_deed_needs_no_path():
    row = action("class.roster")
    fields = fields_of(row, {"name": "nlp", "file": "id\n1\n"})
    assert fault_of(row, fields, values_of(fields, {})) is None
    assert next(one for one in fields if one.name == "file").drawn is Drawn.FILE


@pytest.mark.parametrize("source", all_sources(), ids=lambda one: one.action)
def test_what_is_offered_comes_from_a_list_that_changes_nothing(source):
    row = action(source.action)
    assert row.blast is Blast.NONE
    assert row.permission is Permission.READ or row.lists
    assert not row.long
    values = {name: "one" for _, name in source.needs} | dict(source.given)
    question = question_of(source, values)
    assert question is not None
    check_arguments(row, question)
    shape = msgspec.inspect.type_info(row.result)
    rows = next(one.type for one in shape.fields if one.name == source.rows)
    names = {one.name for one in rows.item_type.fields}
    assert source.id in names
    assert not source.known_as or source.known_as in names


def test_seats_are_asked_for_once_the_class_is_known():
    source = next(one for one in all_sources() if one.action == "class.seats")
    assert question_of(source, {}) is None
    assert question_of(source, {"name": "nlp"}) == {"name": "nlp"}


@pytest.mark.parametrize("text", HOSTILE)
def test_ids_that_cannot_be_seen_are_not_offered(text):
    result = next(one[2] for one in ANSWERS if one[0] == "model.list")
    changed = msgspec.structs.replace(result.models[0], id=text, state=text)
    for offer in offers_of(MODELS, msgspec.structs.replace(result, models=(changed,))):
        assert offer.id == text
        assert all(one.isprintable() for one in offer.id + offer.known_as)


def test_ids_that_begin_so_come_before_those_that_hold_it():
    offers = (Offer("big-olmo"), Offer("olmo"), Offer("x", "known as olmo"), Offer("other"))
    assert [one.id for one in fitting(offers, "OLM")] == ["olmo", "big-olmo", "x"]
    assert [one.id for one in fitting(offers, "other,olm")] == ["olmo", "big-olmo", "x"]


def test_an_offer_replaces_what_was_typed_or_what_stands_behind_the_last_comma():
    assert taken("ol", Offer("olmo"), several=False) == "olmo"
    assert taken("demo,ol", Offer("olmo"), several=True) == "demo,olmo"
