"""Models that need the network while the box goes offline and comes back; all others notice nothing."""

from dataclasses import replace

import pytest

from appliance.domain.model import ModelState
from appliance.domain.running import RunWishes
from appliance.domain.upstream import ENGINE
from appliance.errors import ModelNotRunning, Offline
from appliance.outbound.switch import Switch
from appliance.services.models.elsewhere import Elsewhere, Switches
from appliance.services.models.networking import Networking
from tests.generation.fakes import CALLER
from tests.models.conftest import Shelf
from tests.models.fakes import recipe
from tests.models.test_licensed_models import FAR


@pytest.fixture
def switch():
    return Switch()


@pytest.fixture
def exams():
    """Why there is an exam; nothing while it is empty."""
    return []


@pytest.fixture
def service(shelf: Shelf, switch, exams):
    """Of three models: one here, one on several machines, one elsewhere."""
    small, large = shelf.catalog.recipes
    spread = replace(large, forms=tuple(replace(form, networked=True) for form in large.forms))
    far = recipe("far")
    far = replace(far, upstream=FAR, forms=tuple(replace(form, engine=ENGINE) for form in far.forms))
    shelf.catalog.recipes = [small, spread, far]
    there = Switches(upstreams=True, switch=switch, exam=lambda: "".join(exams))
    networking = Networking(allowed=True, switch=switch, ray_address="10.0.0.1:6379")
    elsewhere = Elsewhere(there, lambda _recipe: shelf.factory)
    return shelf.service(elsewhere=elsewhere, networking=networking)


def listed(service):
    return {one.id for one in service.cards(CALLER)}


async def run_all(service):
    for name in ("small", "large", "far"):
        await service.run(model=name)


async def test_going_offline_ends_what_computes_on_several_machines_and_refuses_what_is_elsewhere(
    service, switch
):
    await run_all(service)
    assert listed(service) == {"small", "large", "far"}
    await switch.set(True, "ann", 1)
    await service.follow(offline=True)
    assert listed(service) == {"small"}
    service.served("small")
    with pytest.raises(Offline):
        service.served("far")
    with pytest.raises(ModelNotRunning):
        service.served("large")
    assert {one.id: one.state for one in service.present} == {
        "small": ModelState.READY,
        "far": ModelState.READY,
    }
    (far,) = [one for one in service.summaries(every=True) if one.id == "far"]
    assert "offline" in far.reason


async def test_what_went_comes_back_by_itself(service, switch):
    await run_all(service)
    await switch.set(True, "ann", 1)
    await service.follow(offline=True)
    await switch.set(False, "ann", 2)
    await service.follow(offline=False)
    assert listed(service) == {"small", "large", "far"}


async def test_what_could_not_start_with_an_offline_box_starts_when_it_is_back(service, switch, shelf):
    for name in ("small", "large", "far"):
        await shelf.wanted.add(name, RunWishes())
    await switch.set(True, "ann", 1)
    await service.boot()
    assert [one.id for one in service.present] == ["small"]
    assert service.unwell == ()
    await switch.set(False, "ann", 2)
    await service.follow(offline=False)
    assert listed(service) == {"small", "large", "far"}


async def test_in_an_exam_models_elsewhere_are_off_as_long_as_it_goes_on(service, exams):
    await run_all(service)
    exams.append("class greek")
    assert listed(service) == {"small", "large"}
    with pytest.raises(ModelNotRunning, match="in an exam \\(class greek\\)"):
        service.served("far")
    exams.clear()
    service.served("far")
