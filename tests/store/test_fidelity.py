"""What was measured of a form is kept, and told of exactly the files that it was measured of."""

from dataclasses import replace

import pytest

from tests.fidelity_records import RECORD, SUBJECT


async def test_a_record_comes_back_as_it_went_in(store):
    await store.fidelity.keep(RECORD)
    assert await store.fidelity.all() == [RECORD]


async def test_measuring_again_takes_the_place_of_what_was_measured(store):
    await store.fidelity.keep(RECORD)
    again = replace(RECORD, seconds=4.0)
    await store.fidelity.keep(again)
    assert await store.fidelity.all() == [again]


@pytest.mark.parametrize(
    "changes",
    [
        {"recipe_id": "large"},
        {"recipe_revision": 3},
        {"form": "f16"},
        {"files_sha256": "c" * 64},
        {"engine_build": "llama.cpp-2"},
        {"text_sha256": "c" * 64},
    ],
)
async def test_another_subject_has_a_row_of_its_own_and_what_was_measured_first_comes_first(store, changes):
    other = replace(RECORD, subject=replace(SUBJECT, **changes), measured_ms=RECORD.measured_ms - 1)
    for record in (RECORD, other):
        await store.fidelity.keep(record)
    assert await store.fidelity.all() == [other, RECORD]
