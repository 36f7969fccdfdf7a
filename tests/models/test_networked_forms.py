"""Forms that compute on several machines run where the box's operator allows it, and on its cluster only."""

from dataclasses import replace

import pytest

from appliance.errors import ConfigInvalid, NotAllowed, Offline
from appliance.outbound.switch import Switch
from appliance.services.models.networking import Networking
from tests.models.conftest import Shelf

CLUSTER = "10.0.0.1:6379"


@pytest.fixture
def spread(shelf: Shelf) -> Shelf:
    """The shelf, on which the large model computes on several machines."""
    shelf.catalog.recipes = [
        replace(one, forms=tuple(replace(form, networked=True) for form in one.forms))
        if one.id == "large"
        else one
        for one in shelf.catalog.recipes
    ]
    return shelf


@pytest.mark.parametrize(
    ("networking", "error", "next_step"),
    [
        (Networking(), NotAllowed, "config set networked_workers true"),
        (Networking(allowed=True), ConfigInvalid, "config set ray_address"),
        (Networking(allowed=True, switch=Switch(setting=True), ray_address=CLUSTER), Offline, "offline"),
    ],
    ids=["not allowed", "no cluster", "offline"],
)
async def test_it_is_refused_with_the_next_step(spread: Shelf, networking, error, next_step):
    with pytest.raises(error, match=next_step):
        await spread.service(networking=networking).run(model="large")
    assert not spread.factory.replicas


async def test_where_it_is_allowed_its_engine_is_told_the_cluster(spread: Shelf):
    await spread.service(networking=Networking(allowed=True, ray_address=CLUSTER)).run(model="large")
    spec = spread.factory.replicas[0].spec
    assert spec.networked
    assert spec.options == {"ray_address": CLUSTER}


async def test_it_is_placed_by_its_cluster_and_not_on_this_machine_alone(spread: Shelf):
    spread.machine.give_gpus(1, 24 * 2**30)
    spread.catalog.weigh("large", 2**60)
    shown = await spread.service(networking=Networking(allowed=True, ray_address=CLUSTER)).run(model="large")
    assert shown.state == "ready"
    assert spread.factory.replicas[0].spec.batch_tokens == 512


async def test_other_forms_have_no_network_whatever_is_allowed(spread: Shelf):
    await spread.service(networking=Networking(allowed=True, ray_address=CLUSTER)).run(model="small")
    spec = spread.factory.replicas[0].spec
    assert not spec.networked
    assert spec.options == {}
