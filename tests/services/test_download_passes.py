"""What a box of another lab is shown, when the files of its model are fetched there."""

import pytest

from appliance.domain.download import FetchProgress, ShownPass
from appliance.errors import IntegrityFailed
from appliance.services.downloads.fetching import LASTS_S, PATIENCE_S
from tests.services.downloads_fakes import MIRROR, Box, Shelf, form, recipe

HALF = FetchProgress(500, 500, "mirror https://mirror.lab")


class Passes:
    """Numbers those that it makes; ``refusal`` is raised."""

    def __init__(self):
        self.made = []
        self.refusal = None

    async def of(self, recipe, sources):
        if self.refusal is not None:
            raise self.refusal
        self.made.append((recipe.id, [one.label for one in sources]))
        return (ShownPass(MIRROR.address, f"pass {len(self.made)}"),)


@pytest.fixture
async def box():
    box = Box(Shelf(recipe(forms=[form(sources=(MIRROR,))])), passes=Passes())
    yield box
    await box.service.close()


async def test_the_fetcher_is_given_a_pass_for_the_places_that_it_asks(box):
    await box.service.pull(model="tiny")
    await box.until("done")
    assert box.passes.made == [("tiny", ["mirror https://mirror.lab"])]
    (order,) = box.fetcher.orders
    assert order.passes == (ShownPass(MIRROR.address, "pass 1"),)


async def test_a_pass_that_grew_old_is_made_anew_and_the_fetch_goes_on(box):
    box.fetcher.script = [[HALF, "hold"], ["rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.clock.time_ms += int(LASTS_S * 1000) + 1
    await box.ticks.tick()
    await box.ticks.tick(PATIENCE_S[0])
    await box.until("done")
    assert [one.passes[0].token for one in box.fetcher.orders] == ["pass 1", "pass 2"]


async def test_a_box_that_cannot_sign_a_pass_says_why(box):
    box.passes.refusal = IntegrityFailed("The key is gone.")
    await box.service.pull(model="tiny")
    assert (await box.until("failed")).reason == "The key is gone."
    assert box.fetcher.orders == []


async def test_no_pass_is_written_down(box):
    await box.service.pull(model="tiny")
    await box.until("done")
    assert "pass 1" not in repr(box.table.puts)
    assert "pass 1" not in repr(box.log.records)
    assert "pass 1" not in repr(box.fetcher.orders)
