"""Whoever opens a class is told of leases that lapse before it ends."""

from dataclasses import replace

import pytest

from appliance.domain.license import LicenseTerms
from appliance.services.projects import ProjectService
from appliance.services.registries.class_leases import ClassLeases
from tests.models.fakes import recipe
from tests.services.conftest import NOON_MS

DAY_MS = 86_400_000


class Shop:
    recipes = (
        replace(recipe("leased"), terms=LicenseTerms("LicenseRef-lab", lease=True)),
        recipe("open"),
    )


class World:
    """When leases end, what is installed, and what was granted."""

    def __init__(self):
        self.ends = {}
        self.installed = {"leased", "open"}
        self.granted = set()

    def ends_ms(self, model):
        return self.ends.get(model)

    def folder_of(self, recipe, form):
        return "here" if recipe.id in self.installed else None

    def of(self, project, model, tier):
        return [model] if (project, model) in self.granted else []


@pytest.fixture
def world():
    return World()


@pytest.fixture
def service(projects, members, directory, clock, world):
    service = ProjectService(projects, members, directory, clock)
    service.warn_with(ClassLeases(Shop(), world, world, world).warnings)
    return service


async def opened(service, **more):
    words = {"project": "cs101", "kind": "course", "ends": "2026-12-20", **more}
    return await service.new(**words)


async def test_a_class_that_ends_after_the_lease_is_warned_of_with_the_command(service, world):
    world.ends["leased"] = NOON_MS + 44 * DAY_MS
    made = await opened(service)
    [words] = made.warnings
    assert words == (
        "The lease of leased lapses on 2026-11-04 (UTC), days of grace included, and the class cs101 goes on "
        "until 2026-12-20. `carrel fed lease leased --until 2026-12-20 --project cs101` asks the registry "
        "for one that lasts."
    )
    assert (await service.show(project="cs101")).warnings == made.warnings
    assert (await service.change(project="cs101", title="Seminar")).warnings == made.warnings
    assert (await service.change(project="cs101", ends="2026-11-03")).warnings == ()


async def test_a_lease_that_ends_with_the_class_or_later_is_no_reason(service, world):
    world.ends["leased"] = (await opened(service)).projects[0].ends_ms
    assert (await service.show(project="cs101")).warnings == ()
    world.ends["leased"] -= 1
    assert len((await service.show(project="cs101")).warnings) == 1


async def test_a_model_that_was_granted_counts_before_it_is_installed(service, world):
    world.installed = set()
    assert (await opened(service)).warnings == ()
    world.granted.add(("cs101", "leased"))
    [words] = (await service.show(project="cs101")).warnings
    assert words.startswith("This box has no lease of leased, and the class cs101 goes on until 2026-12-20.")


@pytest.mark.parametrize("changed", [{"kind": "research"}, {"ends": None}])
async def test_only_classes_with_an_end_are_looked_at(service, changed):
    assert (await opened(service, **changed)).warnings == ()
