"""Who may fetch a file that a lab shares: what a pass has to be, and what the registry has to say."""

from dataclasses import replace

import pytest

from appliance.domain.source import WeightSource
from appliance.errors import NotAllowed, NotAuthenticated
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.kinds import PROOF
from appliance.federation.protocol.messages import Pass
from appliance.services.sharing.passes import PassMaker
from appliance.trust.signed import verify
from tests.sharing.labs import ADDRESS, DAY_S, HOST


async def refused(lab, sha256, token) -> str:
    with pytest.raises(NotAllowed) as caught:
        await lab.gives(sha256, token)
    assert lab.fetches.rows == []
    return caught.value.message


async def test_a_box_with_a_pass_gets_the_file(lab, box):
    sha256 = await lab.shares(b"weights")
    assert await lab.gives(sha256, box.shows()) == b"weights"
    (row,) = lab.fetches.rows
    assert (row.model, row.box, row.requests, row.size_bytes) == ("lab-a.own", box.id, 1, 7)


async def test_without_a_pass_nothing_is_given(lab):
    sha256 = await lab.shares()
    with pytest.raises(NotAuthenticated, match="carrel model pull"):
        await lab.gives(sha256, "")


async def test_of_an_open_model_any_key_is_let_in_and_counted_by_itself(lab, stranger, box):
    sha256 = await lab.shares()
    await lab.gives(sha256, stranger.shows(box=box.id))
    (row,) = lab.fetches.rows
    assert row.box == stranger.id


@pytest.mark.parametrize("tier", ["registered", "approved", "restricted"])
async def test_above_open_a_stranger_gets_nothing(lab, stranger, tier):
    sha256 = await lab.shares(tier=tier)
    assert "boxes of the registry" in await refused(lab, sha256, stranger.shows())


async def test_above_open_a_box_of_the_registry_is_let_in(lab, box):
    sha256 = await lab.shares(tier="registered")
    assert await lab.gives(sha256, box.shows()) == b"weights"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"host": "other.lab:7411"}, "another host"),
        ({"model": "lab-a.other"}, "another model"),
        ({"iat": 1, "exp": 2}, "expired"),
        ({"exp": 2**39}, "longer than a day"),
        ({"iat": 2**39, "exp": 2**39 + 1}, "in the future"),
    ],
)
async def test_a_pass_for_something_else_is_refused(lab, box, changed, reason):
    sha256 = await lab.shares()
    assert reason in await refused(lab, sha256, box.shows(**changed))


async def test_a_pass_is_good_for_a_day_and_not_a_second_longer(lab, box, registry):
    sha256 = await lab.shares()
    token = box.shows()
    registry.clock.added_s = DAY_S - 5
    await lab.gives(sha256, token)
    registry.clock.added_s = DAY_S + 1
    with pytest.raises(NotAllowed, match="expired"):
        await lab.gives(sha256, token)


async def test_a_forged_pass_is_refused(lab, box, stranger):
    sha256 = await lab.shares()
    header, _, signature = box.shows().split(".")
    _, payload, _ = stranger.shows().split(".")
    assert "cannot be believed" in await refused(lab, sha256, f"{header}.{payload}.{signature}")
    assert "cannot be believed" in await refused(lab, sha256, "no.token.atall")
    assert "larger" in await refused(lab, sha256, "a" * 40_000)


async def test_a_token_of_another_kind_is_no_pass(lab, box):
    sha256 = await lab.shares()
    assert "cannot be believed" in await refused(lab, sha256, box.shows(kind=PROOF))


async def test_the_enrollment_of_another_box_opens_nothing(lab, box, stranger):
    sha256 = await lab.shares(tier="registered")
    stolen = stranger.shows(box=box.id, enrollment=box.membership.enrollment)
    assert "another key" in await refused(lab, sha256, stolen)
    renamed = stranger.shows(enrollment=box.membership.enrollment)
    assert "another key" in await refused(lab, sha256, renamed)


async def test_an_enrollment_that_nobody_signed_opens_nothing(lab, box, stranger):
    sha256 = await lab.shares(tier="registered")
    claims = verify(box.shows(), "pass+jws", box.key.public, Pass)
    forged = stranger.sign("enrollment+jwt", claims)
    assert "cannot be believed" in await refused(lab, sha256, stranger.shows(enrollment=forged))


async def test_after_a_rotation_the_new_key_counts_and_the_old_one_does_not(lab, box, tmp_path):
    sha256 = await lab.shares(tier="registered")
    with_old_key = box.shows
    old_key = box.key
    box.renewed_key(tmp_path)
    assert await lab.gives(sha256, box.shows()) == b"weights"
    box.key = old_key
    with pytest.raises(NotAllowed, match="another key"):
        await lab.gives(sha256, with_old_key())


async def test_a_rotation_of_another_box_is_refused(lab, box, stranger, registry):
    sha256 = await lab.shares(tier="registered")
    others = registry.rotates(stranger.id, stranger.id)
    token = stranger.shows(box=box.id, enrollment=box.membership.enrollment, rotation=others)
    assert "another box's" in await refused(lab, sha256, token)


async def test_a_model_with_a_lease_is_given_to_its_holder(lab, box, registry):
    sha256 = await lab.shares(lease=True)
    assert "only with a lease" in await refused(lab, sha256, box.shows())
    registry.says("valid")
    lease = registry.leases(box.id, "lab-a.own", status=3)
    assert await lab.gives(sha256, box.shows(lease=lease)) == b"weights"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model": "lab-a.other"}, "another model"),
        ({"nbf": 1, "exp": 2, "grace_s": 0}, "has lapsed"),
        ({"nbf": 1, "exp": 2, "grace_s": 2**24}, "has lapsed"),
        ({"nbf": 2**40}, "has not begun"),
        ({"files": ("0" * 64,)}, "other files"),
    ],
)
async def test_a_lease_for_something_else_is_refused(lab, box, registry, changed, reason):
    sha256 = await lab.shares(lease=True)
    lease = registry.leases(box.id, "lab-a.own", **changed)
    assert reason in await refused(lab, sha256, box.shows(lease=lease))


@pytest.mark.parametrize("status", ["revoked", "suspended"])
async def test_a_lease_that_was_taken_back_fetches_nothing_more(lab, box, registry, status):
    sha256 = await lab.shares(lease=True)
    registry.says("valid")
    token = box.shows(lease=registry.leases(box.id, "lab-a.own", status=3))
    await lab.gives(sha256, token)
    registry.says(status)
    with pytest.raises(NotAllowed, match=status):
        await lab.gives(sha256, token)


async def test_a_lease_of_which_nobody_can_say_whether_it_holds_fetches_nothing(lab, box, registry):
    sha256 = await lab.shares(lease=True)
    token = box.shows(lease=registry.leases(box.id, "lab-a.own", status=3))
    assert "still holds" in await refused(lab, sha256, token)
    registry.says("valid")
    registry.clock.added_s = DAY_S + 60
    fresh = box.shows(lease=registry.leases(box.id, "lab-a.own", status=3))
    assert "still holds" in await refused(lab, sha256, fresh)


async def test_the_lease_of_another_box_is_refused(lab, box, stranger, registry):
    sha256 = await lab.shares(lease=True)
    lease = registry.leases(box.id, "lab-a.own")
    assert "boxes of the registry" in await refused(lab, sha256, stranger.shows(lease=lease))
    named = stranger.shows(box=box.id, lease=lease, enrollment=box.membership.enrollment)
    assert "another key" in await refused(lab, sha256, named)


async def test_the_lease_of_another_member_is_refused(lab, box, stranger, registry):
    sha256 = await lab.shares(lease=True)
    lease = registry.leases(box.id, "lab-a.own")
    stranger.enrolled("lab-c")
    assert "another box's" in await refused(lab, sha256, stranger.shows(lease=lease))


async def test_a_lease_bound_to_the_key_that_asks_is_enough(lab, stranger, registry):
    sha256 = await lab.shares(lease=True)
    lease = registry.leases("0" * 43, "lab-a.own", cnf=Confirmation(stranger.id))
    assert await lab.gives(sha256, stranger.shows(lease=lease)) == b"weights"


async def test_a_lease_from_before_a_rotation_goes_on_with_the_new_key(lab, box, registry, tmp_path):
    sha256 = await lab.shares(lease=True)
    lease = registry.leases(box.id, "lab-a.own")
    box.renewed_key(tmp_path)
    assert await lab.gives(sha256, box.shows(lease=lease)) == b"weights"


class OneLease:
    async def token_of(self, model):
        return f"lease of {model}"


async def test_this_box_makes_a_pass_for_one_host_and_one_model(lab, box, registry):
    await lab.shares(lease=True)
    recipe = lab.own.models[0].recipe
    sources = recipe.forms[0].sources
    (shown,) = await PassMaker(box, OneLease(), registry.clock).of(recipe, sources)
    assert shown.address == f"{ADDRESS}/v1/shared/weights"
    claims = verify(shown.token, "pass+jws", box.key.public, Pass)
    assert (claims.host, claims.model, claims.box) == (HOST, "lab-a.own", box.id)
    assert (claims.exp - claims.iat, claims.lease) == (DAY_S, "lease of lab-a.own")
    assert claims.enrollment == box.membership.enrollment
    assert shown.token not in repr(shown)


async def test_no_pass_is_shown_to_what_is_no_box_or_shares_nothing(lab, box, registry):
    await lab.shares()
    recipe = lab.own.models[0].recipe
    maker = PassMaker(box, OneLease(), registry.clock)
    mirror = WeightSource("mirror", address="https://mirror.lab/blobs")
    assert await maker.of(recipe, [mirror, WeightSource("hub", repository="a/b", commit="0" * 40)]) == ()
    unshared = replace(recipe, sharing=None)
    assert await maker.of(unshared, recipe.forms[0].sources) == ()
