"""Models whose license asks for something: not loaded, not listed, not answering, until it is there."""

from dataclasses import replace

import pytest

from appliance.domain.license import Acceptance, LicenseTerms
from appliance.domain.model import ModelState
from appliance.domain.people import Caller
from appliance.domain.running import RunWishes
from appliance.domain.upstream import Price, Upstream
from appliance.errors import NotLicensed
from appliance.services.admission.admission import Admission
from appliance.services.admission.licensing import LicenseGate
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.ports import NoTiers
from appliance.services.licenses.register import Register
from appliance.services.models.aliases import Aliases
from appliance.services.models.elsewhere import Elsewhere, Switches

TEXT = "a1" * 32
FAR = Upstream("far", "https://127.0.0.1/v1", "m", "", Price(1, 1, 1), frozenset({"chat"}))
ADA = Caller("key_a", "default", "nlp")
TERMS = LicenseTerms("LicenseRef-box", text_sha256=TEXT, acceptance="institution")


def acceptance(person=""):
    return Acceptance("acc_1", "small", TEXT, person, "Dr. A", "head", "study", 1, "")


def asked(service):
    """As requests ask: by the name that they give."""
    gates = [LicenseGate(service.permitting.permits)]
    return Admission(service.permitting, gates, service._clock)


@pytest.fixture
def register():
    return Register()


@pytest.fixture
def licensed(shelf, register):
    """A service whose ``small`` has these terms."""

    def make(terms=TERMS, tiers=NoTiers(), **more):  # noqa: B008 - has no state
        small, large = shelf.catalog.recipes
        shelf.catalog.recipes = [replace(small, terms=terms), large]
        return shelf.service(permits=Permits(register, tiers=tiers), **more)

    return make


async def test_it_is_loaded_only_once_it_is_accepted(licensed, register, shelf):
    service = licensed()
    with pytest.raises(NotLicensed, match="carrel license accept small"):
        await service.run(model="small")
    assert (shelf.factory.replicas, shelf.wanted.models) == ([], {})
    register.accept(acceptance())
    assert (await service.run(model="small")).state == "ready"


async def test_it_is_not_lent_for_a_measurement_either(licensed):
    with pytest.raises(NotLicensed):
        async with licensed().lend("small", RunWishes()):
            pass


async def test_a_restart_without_the_acceptance_leaves_it_and_starts_the_others(licensed, shelf):
    shelf.wanted.models = dict.fromkeys(("small", "large"), RunWishes())
    service = licensed()
    await service.boot()
    assert {one.id: one.state for one in service.present} == {"large": ModelState.READY}
    assert (service.settled, service.unwell) == (True, ())


async def test_every_form_and_every_alias_is_asked_for_its_license(licensed, register):
    service = licensed(aliases=Aliases({"fast": "small@f16"}))
    for name in ("small", "small@f16", "fast"):
        with pytest.raises(NotLicensed):
            asked(service).check(ADA, name)
    register.accept(acceptance())
    for name in ("small", "small@f16", "fast", "large"):
        asked(service).check(ADA, name)


class OnlyNlp:
    """Tiers that admit one project to every model."""

    def is_open_to(self, caller, recipe):
        return caller.project_id == "nlp"

    def lacks_for_box(self, model, tier):
        return ""

    def current_grants(self, model, tier):
        return 1


async def test_students_find_what_answers_them_and_what_they_only_have_to_accept(licensed, register):
    service = licensed(replace(TERMS, acceptance="person"), tiers=OnlyNlp())
    register.accept(acceptance())
    await service.run(model="small")
    other = replace(ADA, project_id="vision")
    assert [[card.id for card in service.cards(one)] for one in (ADA, other)] == [["small"], []]
    register.accept(acceptance(ADA.holder))
    assert [card.id for card in service.cards(ADA)] == ["small"]
    register.withdraw("small", "")
    assert [card.id for card in service.cards(ADA)] == []


async def test_stopping_for_good_ends_every_form_and_is_remembered(licensed, register, shelf):
    service = licensed()
    register.accept(acceptance())
    for name in ("small", "small@f16", "large"):
        await service.run(model=name)
    await service.stop_serving("small")
    assert [one.id for one in service.present] == ["large"]
    assert list(shelf.wanted.models) == ["large"]


async def test_terms_and_what_is_missing_are_shown(licensed, register):
    service = licensed()
    shown = await service.show(model="small")
    assert (shown.terms.lacks, shown.terms.text_sha256) == ("acceptance", TEXT)
    assert [one.lacks for one in service.summaries(every=True) if one.id == "small"] == ["acceptance"]
    register.accept(acceptance())
    assert (await service.show(model="small")).terms.accepted.who == "Dr. A"
    assert {one.lacks for one in service.summaries(every=True)} == {None}


async def test_a_model_that_is_hosted_elsewhere_is_asked_for_its_license_too(licensed, shelf):
    service = licensed(elsewhere=Elsewhere(Switches(upstreams=True)))
    small, large = shelf.catalog.recipes
    shelf.catalog.recipes = [replace(small, upstream=FAR), large]
    with pytest.raises(NotLicensed):
        await service.run(model="small")
    with pytest.raises(NotLicensed):
        asked(service).check(ADA, "small")
