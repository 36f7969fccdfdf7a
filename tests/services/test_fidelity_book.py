"""Of each form, as its files are now, the book tells what was measured last, also after a restart."""

from dataclasses import replace

import pytest

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.recipe import RecipeFile
from appliance.services.verifying.book import FidelityBook
from tests.fidelity_records import RECORD
from tests.services.verifying_fakes import recipe

SMALL = recipe()
Q8 = SMALL.forms[0]


class Table:
    def __init__(self, *records: FidelityRecord) -> None:
        self.records = list(records)

    async def keep(self, record: FidelityRecord) -> None:
        self.records.append(record)

    async def all(self) -> list[FidelityRecord]:
        return self.records


def record(build: str = "llama.cpp-1") -> FidelityRecord:
    subject = replace(
        RECORD.subject,
        recipe_id=SMALL.id,
        recipe_revision=SMALL.revision,
        form=Q8.name,
        files_sha256=Q8.sha256,
        engine_build=build,
    )
    return replace(RECORD, subject=subject)


async def test_what_was_measured_is_known_at_once_and_after_a_restart():
    table = Table()
    book = FidelityBook(table)
    assert book.of(SMALL, Q8) is None
    await book.keep(record())
    again = FidelityBook(table)
    await again.load()
    assert book.of(SMALL, Q8) == again.of(SMALL, Q8) == record()


async def test_of_several_builds_the_one_measured_last_is_told():
    book = FidelityBook(Table(record("llama.cpp-2"), record("llama.cpp-1")))
    await book.load()
    assert book.of(SMALL, Q8) == record("llama.cpp-1")


@pytest.mark.parametrize(
    ("model", "form"),
    [
        (replace(SMALL, revision=9), Q8),
        (SMALL, SMALL.forms[1]),
        (SMALL, replace(Q8, files=(RecipeFile("q8.gguf", 8, "d" * 64), *Q8.files[1:]))),
    ],
    ids=["another revision", "another form", "another file"],
)
async def test_nothing_is_told_of_other_files(model, form):
    book = FidelityBook(Table(record()))
    await book.load()
    assert book.of(model, form) is None
