"""Models that something stands against are told at once, and the disk is looked at now and then."""

from types import SimpleNamespace

import pytest

from appliance.domain.model import ModelState
from appliance.services.models.troubled import DISK_EVERY_S, Troubled


class Permitting:
    """Two models, of which one may run."""

    def __init__(self):
        self.missing = {}
        self.running = {}
        recipes = [self.recipe("olmo"), self.recipe("pythia")]
        every = lambda: [(one, "form") for one in recipes]  # noqa: E731
        self.names = SimpleNamespace(every=every, running=self.running)

    def recipe(self, name):
        return SimpleNamespace(id=name, revision=1, model_id=lambda _form: name)

    def lacks(self, recipe):
        return self.missing.get(recipe.id)


class Disk:
    """What is on it, and how often it was looked at."""

    def __init__(self):
        self.here, self.torn, self.looks = {"olmo", "pythia"}, {}, 0

    def is_here(self, recipe, _form):
        self.looks += 1
        return recipe.id in self.here

    def trouble_of(self, recipe, _form):
        return self.torn.get(recipe.id)


@pytest.fixture
def permitting():
    return Permitting()


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def troubled(permitting, disk, clock):
    return Troubled(permitting, is_here=disk.is_here, trouble_of=disk.trouble_of, clock=clock)


def ids(troubled):
    return [one.id for one in troubled()]


def test_models_without_trouble_are_not_told(troubled):
    assert ids(troubled) == []


def test_one_that_failed_is_told_with_its_reason_wherever_its_files_are(troubled, permitting, disk):
    disk.here = set()
    permitting.running["olmo"] = SimpleNamespace(state=ModelState.FAILED, reason="it died")
    (found,) = troubled()
    assert (found.id, found.state, found.reason) == ("olmo", "failed", "it died")


def test_a_license_that_is_missing_counts_for_what_is_on_the_disk_and_at_once(troubled, permitting, disk):
    disk.here = {"olmo"}
    assert ids(troubled) == []
    permitting.missing = {"olmo": "lease", "pythia": "acceptance"}
    assert [(one.id, one.lacks) for one in troubled()] == [("olmo", "lease")]


def test_damage_is_seen_at_the_next_look_at_the_disk_and_looks_are_few(troubled, disk, clock):
    assert ids(troubled) == []
    disk.torn = {"pythia": "a file is torn"}
    assert (ids(troubled), disk.looks) == ([], 2)
    clock.time_ms += int(DISK_EVERY_S * 1000)
    assert ([one.damaged for one in troubled()], disk.looks) == (["a file is torn"], 4)
