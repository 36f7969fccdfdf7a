"""What registries sign for this box: believed only with a key that an operator has put there."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from appliance.domain.license import LicenseTerms
from appliance.errors import BadRequest, ConfigInvalid, IntegrityFailed, NotFound, NotLicensed
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.kinds import COUNTERSIGNATURE
from appliance.services.licenses.lapsing import EVERY_S, Lapsing
from tests.services.access_desk import ROOT, AccessDesk, caller, reviewer
from tests.services.license_fakes import ShopOfModels
from tests.services.registry_stand_in import Registry

DAY_MS = 86_400_000


@pytest.fixture
async def desk(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    desk.joins("ada")
    await desk.open()
    await desk.signs("ada")
    return desk


async def granted(desk, model="restricted"):
    return (await desk.granting.grant(model=model, project="nlp", actor=ROOT)).grants[0]


async def test_a_restricted_model_answers_once_the_registry_has_countersigned_the_very_grant(desk, clock):
    grant = await granted(desk)
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    token = desk.registry.countersigns(desk.box, grant, now_ms=clock.time_ms, days=10)
    [shown] = (await desk.granting.countersign(file=f"{token}\n")).grants
    assert shown.countersigned_until_ms == clock.time_ms // 1000 * 1000 + 10 * DAY_MS
    assert desk.lacks("restricted", caller("ada")) == ""
    await desk.open()
    assert desk.lacks("restricted", caller("ada")) == ""
    clock.time_ms += 10 * DAY_MS
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    clock.time_ms -= 9 * DAY_MS
    await granted(desk)
    assert desk.lacks("restricted", caller("ada")) == "countersignature"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"sub": "another"}, IntegrityFailed),
        ({"cnf": Confirmation("another")}, IntegrityFailed),
        ({"iat": 2_000_000_000}, IntegrityFailed),
        ({"exp": 1_700_000_000}, BadRequest),
        ({"grant": "grt_0"}, NotFound),
        ({"project": "other"}, NotFound),
    ],
)
async def test_what_was_signed_for_another_box_time_or_grant_is_refused(desk, clock, changed, error):
    token = desk.registry.countersigns(desk.box, await granted(desk), now_ms=clock.time_ms, **changed)
    with pytest.raises(error):
        await desk.granting.countersign(file=token)
    assert desk.countersigned_rows.rows == []


async def test_what_an_unknown_registry_signs_is_refused_and_none_at_all_is_said(desk, clock, tmp_path):
    grant = await granted(desk)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    token = Registry(stranger).countersigns(desk.box, grant, now_ms=clock.time_ms)
    with pytest.raises(IntegrityFailed, match="No key in the folder `registry-keys`"):
        await desk.granting.countersign(file=token)
    (tmp_path / "registry-keys" / "registry.pem").unlink()
    with pytest.raises(ConfigInvalid, match="trusts no registry yet"):
        await desk.granting.countersign(file=token)


@pytest.mark.parametrize("file", ["", " \n", "a.b.c", "not a token", "x" * 20_000])
async def test_a_file_that_is_no_statement_is_refused(desk, file):
    for verb in (desk.granting.countersign, desk.leasing.add):
        with pytest.raises((BadRequest, IntegrityFailed)):
            await verb(file=file)


async def test_a_lease_is_no_countersignature(desk, clock):
    token = desk.registry.leases(desk.box, "m", now_ms=clock.time_ms)
    with pytest.raises(IntegrityFailed):
        await desk.granting.countersign(file=token)
    disguised = desk.registry.leases(desk.box, "m", now_ms=clock.time_ms, kind=COUNTERSIGNATURE)
    with pytest.raises(IntegrityFailed):
        await desk.granting.countersign(file=disguised)
    with pytest.raises(IntegrityFailed):
        await desk.leasing.add(file=disguised)


async def test_once_a_registry_is_trusted_no_more_what_it_signed_counts_no_more(desk, clock, tmp_path):
    token = desk.registry.countersigns(desk.box, await granted(desk), now_ms=clock.time_ms)
    await desk.granting.countersign(file=token)
    await desk.leasing.add(file=desk.registry.leases(desk.box, "m", now_ms=clock.time_ms))
    (tmp_path / "another").mkdir()
    Registry(tmp_path / "another").trusted_in(tmp_path / "registry-keys")
    await desk.open()
    assert desk.lacks("restricted", caller("ada")) == "countersignature"
    assert desk.leases.of("m") is None
    assert (desk.leases.not_believed, desk.countersignatures.not_believed) == (1, 1)


async def test_a_lease_is_valid_then_in_grace_then_lapsed_by_the_clock(desk, clock):
    now_ms = clock.time_ms
    token = desk.registry.leases(desk.box, "m", now_ms=now_ms, nbf=now_ms // 1000 + 86_400)
    listed = await desk.leasing.add(file=token)
    assert [one.state for one in listed.leases] == ["not yet"]
    assert (listed.box, len(listed.registries)) == (desk.box, 1)
    seen = []
    for days in (0, 1, 29, 30, 43, 44):
        clock.time_ms = now_ms // 1000 * 1000 + days * DAY_MS
        lease = desk.leases.of("m")
        seen.append(lease and lease.state)
    assert seen == [None, "valid", "valid", "grace", "grace", "lapsed"]
    await desk.open()
    assert desk.leases.of("m").state == "lapsed"


async def test_of_several_leases_the_one_counts_that_lets_the_most(desk, clock):
    now_s = clock.time_ms // 1000
    for number, days in enumerate((1, 20, 5)):
        end = {"jti": f"l{number}", "exp": now_s + days * 86_400, "grace_s": 0}
        await desk.leasing.add(file=desk.registry.leases(desk.box, "m", now_ms=clock.time_ms, **end))
    assert desk.leases.of("m").until_ms == (now_s + 20 * 86_400) * 1000
    assert desk.leases.ends_ms("m") == (now_s + 20 * 86_400) * 1000
    clock.time_ms += 6 * DAY_MS
    assert desk.leases.of("m").state == "valid"


async def test_a_lease_that_has_lapsed_already_is_refused_and_one_twice_is_one(desk, clock):
    old = {"iat": 1_600_000_000, "nbf": 1_600_000_000, "exp": 1_600_000_001}
    with pytest.raises(BadRequest, match="has lapsed"):
        await desk.leasing.add(file=desk.registry.leases(desk.box, "m", now_ms=clock.time_ms, **old))
    token = desk.registry.leases(desk.box, "m", now_ms=clock.time_ms)
    for _ in range(2):
        await desk.leasing.add(file=token)
    assert len((await desk.leasing.show_all()).leases) == 1


@pytest.mark.parametrize(("on_lapse", "ends"), [("stop", True), ("finish", False)])
async def test_what_runs_ends_at_the_very_moment_of_the_lapse_where_the_license_wants_it(
    desk, clock, on_lapse, ends
):
    shop = ShopOfModels()
    shop.change("small", lease=True, on_lapse=on_lapse)
    lapsing = Lapsing(shop, desk.leases, desk.service, clock)
    now_s = clock.time_ms // 1000
    short = {"exp": now_s + 10, "grace_s": 5}
    await desk.leasing.add(file=desk.registry.leases(desk.box, "small", now_ms=clock.time_ms, **short))
    clock.time_ms = (now_s + 12) * 1000
    assert lapsing.check() == (3.0 if ends else EVERY_S)
    assert desk.service.ended == []
    clock.time_ms = (now_s + 15) * 1000
    assert lapsing.check() == EVERY_S
    told = [(one[0], one[3].details) for one in desk.service.ended]
    assert told == ([("small", {"license": {"lacks": "lease"}})] if ends else [])


class LookedAt:
    """A catalog that tells when somebody looks."""

    def __init__(self):
        self.looked = asyncio.Event()

    @property
    def recipes(self):
        self.looked.set()
        return ()


async def test_a_lease_that_comes_is_looked_at_at_once(desk, clock):
    catalog = LookedAt()
    lapsing = Lapsing(catalog, desk.leases, desk.service, clock)
    desk.leases.on_news(lapsing.wake)
    running = asyncio.create_task(lapsing.run())
    await catalog.looked.wait()
    catalog.looked.clear()
    await desk.leases.add(desk.registry.leases(desk.box, "small", now_ms=clock.time_ms))
    await asyncio.wait_for(catalog.looked.wait(), 5)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


class SlowModels:
    """A model that is loaded for ever."""

    def __init__(self):
        self.loading = asyncio.Event()

    async def start_wanted(self, recipe_id):
        self.loading.set()
        await asyncio.Event().wait()


async def test_a_model_that_is_loaded_again_holds_up_nothing_that_has_to_end(desk, clock):
    shop, models = ShopOfModels(), SlowModels()
    for model in ("small", "open"):
        shop.change(model, lease=True, on_lapse="stop")
    now_s = clock.time_ms // 1000
    short = {"jti": "short", "exp": now_s + 10, "grace_s": 0}
    await desk.leases.add(desk.registry.leases(desk.box, "open", now_ms=clock.time_ms, **short))
    lapsing = Lapsing(shop, desk.leases, desk.service, clock, models=models)
    desk.leases.on_news(lapsing.wake)
    await lapsing.act()
    running = asyncio.create_task(lapsing.run())
    await desk.leases.add(desk.registry.leases(desk.box, "small", now_ms=clock.time_ms, jti="renewed"))
    await asyncio.wait_for(models.loading.wait(), 5)
    clock.time_ms += 10_000
    ended = desk.service.ended_now
    lapsing.wake()
    await asyncio.wait_for(ended.wait(), 5)
    assert [one[0] for one in desk.service.ended] == ["open"]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def test_a_model_without_a_lease_is_nothing_to_look_at(clock):
    class NoLease:
        def of(self, model):
            return None

        def ends_ms(self, model):
            return None

    assert Lapsing(ShopOfModels(), NoLease(), None, clock).check() == EVERY_S


async def test_in_its_days_of_grace_a_leased_model_is_granted_to_no_further_project(desk, clock):
    desk.catalog.recipes = [
        replace(one, terms=LicenseTerms("LicenseRef-lab", lease=True)) if one.id == "approved" else one
        for one in desk.catalog.recipes
    ]
    await desk.leases.add(desk.registry.leases(desk.box, "approved", now_ms=clock.time_ms))
    application = await desk.applies()
    clock.time_ms += 30 * DAY_MS
    words = {"id": application.id, "reason": "Because.", "actor": reviewer("rae")}
    with pytest.raises(NotLicensed, match="while its lease is not valid: it has run out"):
        await desk.granting.grant(model="approved", project="nlp", actor=ROOT)
    with pytest.raises(NotLicensed, match="while its lease is not valid: it has run out"):
        await desk.applying.decide(approve=True, deny=False, **words)
    assert (await desk.applying.show(id=application.id, actor=ROOT)).state == "open"
    assert (await desk.applying.decide(approve=False, deny=True, **words)).state == "denied"
