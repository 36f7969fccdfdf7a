"""The list that an organization signed decides what is shared, and nothing else on the box is ever given."""

import secrets
from dataclasses import replace

import pytest

from appliance.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    IntegrityFailed,
    NotAllowed,
    NotFound,
    TryAgain,
)
from appliance.federation.protocol.kinds import LISTING
from appliance.federation.protocol.messages import Listing
from appliance.services.federation.ports import Refusal
from appliance.services.sharing import pacing
from appliance.services.sharing.own_list import OwnList
from appliance.services.sharing.telling import ListTeller
from appliance.trust.signed import verify
from tests.admin.fake_box import SilentLog
from tests.sharing.labs import Lab, recipe_of, sha256_of


class OutboxInMemory:
    def __init__(self):
        self.rows = {}

    async def put(self, message):
        self.rows.setdefault(message.id, message)

    async def waiting(self, kind):
        return len(self.rows)


def teller_of(lab, outbox):
    return ListTeller(lab.own, lab.box, outbox, SilentLog())


async def test_no_blob_is_given_that_is_in_no_shared_model(lab, box):
    others = [lab.has(secrets.token_bytes(20)) for _ in range(20)]
    shared = await lab.shares(b"weights")
    given = []
    for sha256 in (path.name for path in (lab.models_dir / ".blobs").iterdir()):
        try:
            given.append((sha256, await lab.gives(sha256, box.shows())))
        except NotFound:
            assert sha256 in others
    assert given == [(shared, b"weights")]


async def test_a_file_of_another_shared_model_needs_a_pass_for_that_one(lab, box):
    await lab.shares(b"weights")
    second = await lab.shares(b"more", id="second")
    with pytest.raises(NotAllowed, match="another model"):
        await lab.gives(second, box.shows("lab-a.own"))
    assert await lab.gives(second, box.shows("lab-a.second")) == b"more"


async def test_a_withdrawn_model_is_given_no_more(lab, box):
    sha256 = await lab.shares()
    token = box.shows()
    await lab.gives(sha256, token)
    await lab.withdraws()
    with pytest.raises(NotFound):
        await lab.gives(sha256, token)


async def test_withdrawing_ends_what_is_being_sent(lab, box):
    sha256 = await lab.shares(secrets.token_bytes(3 * 2**18))
    opened = await lab.giving.open(sha256, box.shows())
    pieces = opened.pieces(0, opened.size_bytes)
    assert len(await anext(pieces)) == 2**18
    await lab.withdraws()
    with pytest.raises(NotFound):
        await anext(pieces)
    await opened.close()
    (row,) = lab.fetches.rows
    assert row.size_bytes == 2**18


async def test_a_box_that_gives_nothing_gives_nothing(tmp_path, registry, box):
    lab = Lab(tmp_path / "quiet", registry, on=False)
    sha256 = await lab.shares()
    with pytest.raises(NotFound):
        await lab.gives(sha256, box.shows())


async def test_a_box_that_left_its_registry_gives_nothing(lab, box):
    sha256 = await lab.shares()
    lab.box.membership = None
    with pytest.raises(NotFound):
        await lab.gives(sha256, box.shows())


async def test_a_link_in_place_of_a_blob_is_not_followed(lab, box, tmp_path):
    sha256 = await lab.shares(b"weights")
    secret = tmp_path / "secret"
    secret.write_bytes(b"SECRETS")
    blob = lab.models_dir / ".blobs" / sha256
    blob.unlink()
    blob.symlink_to(secret)
    with pytest.raises(NotFound, match="any more"):
        await lab.gives(sha256, box.shows())


async def test_a_blob_of_another_size_is_not_given(lab, box):
    sha256 = await lab.shares(b"weights")
    (lab.models_dir / ".blobs" / sha256).write_bytes(b"longer than the recipe says")
    with pytest.raises(NotFound, match="any more"):
        await lab.gives(sha256, box.shows())


async def test_who_asks_too_often_is_slowed_down(lab, box):
    sha256 = await lab.shares()
    for _ in range(pacing.PER_MINUTE):
        await lab.gives(sha256, box.shows())
    with pytest.raises(TryAgain) as caught:
        await lab.gives(sha256, box.shows())
    assert caught.value.retry_after_s >= 1


async def test_so_many_files_are_given_at_once_and_closing_one_makes_room(lab, box):
    sha256 = await lab.shares()
    opened = [await lab.giving.open(sha256, box.shows()) for _ in range(pacing.AT_ONCE)]
    with pytest.raises(TryAgain):
        await lab.giving.open(sha256, box.shows())
    await opened[0].close()
    await (await lab.giving.open(sha256, box.shows())).close()
    for one in opened[1:]:
        await one.close()


async def test_the_list_leaves_once_as_one_message_with_the_same_bytes(lab):
    await lab.shares()
    outbox = OutboxInMemory()
    await teller_of(lab, outbox).compose()
    await teller_of(lab, outbox).compose()
    lab.lists.rows = [replace(one, queued=False) for one in lab.lists.rows]
    await lab.own.load()
    await teller_of(lab, outbox).compose()
    (message,) = outbox.rows.values()
    listing = verify(message.token, LISTING, lab.box.key.public, Listing)
    assert (message.kind, message.id, listing.jti) == (LISTING, listing.jti, listing.jti)
    assert (listing.organization, listing.box) == ("lab-a", lab.box.id)
    assert [one.path for one in listing.files] == ["org/lab-a/lab-a.own/1.toml"]


async def test_the_same_list_is_sent_once_and_again_after_a_refusal(lab):
    await lab.shares()
    await lab.own.send(at=None)
    assert len(lab.lists.rows) == 1
    outbox = OutboxInMemory()
    teller = teller_of(lab, outbox)
    await teller.compose()
    (message,) = outbox.rows
    assert await teller.refused(Refusal(message, LISTING, "not-yours", "Another key.", {}))
    assert lab.own.now.refused == "not-yours: Another key."
    await lab.own.send(at=None)
    await teller.compose()
    assert len(outbox.rows) == 2
    assert lab.own.now.refused == ""


async def test_a_refusal_that_may_pass_is_tried_again(lab):
    await lab.shares()
    teller = teller_of(lab, OutboxInMemory())
    assert not await teller.refused(Refusal(lab.own.now.id, LISTING, "rate", "Later.", {}))
    assert lab.own.now.refused == ""


async def test_an_older_list_is_refused(lab, tmp_path):
    await lab.shares()
    old = next((lab.work_dir / "metadata").glob("2.*.json")).read_bytes()
    await lab.shares(b"more", id="second")
    (lab.work_dir / "metadata" / "3.org.lab-a.json").unlink()
    assert old
    with pytest.raises(Conflict, match="older"):
        await lab.own.send(at=None)


async def test_an_expired_list_is_refused(tmp_path, registry):
    lab = Lab(tmp_path / "late", registry, days=1)
    lab.lists_model()
    registry.clock.added_s = 2 * 86_400
    with pytest.raises(Conflict, match="expired"):
        await lab.own.send(at=None)


async def test_a_recipe_without_a_record_is_not_sent(lab):
    lab.signs(recipe_of(b"weights", id="lab-a.bare"))
    with pytest.raises(BadRequest, match=r"lab-a\.bare has no record of benefit and harm"):
        await lab.own.send(at=None)
    assert lab.lists.rows == []


async def test_a_listed_file_that_was_changed_is_not_sent(lab):
    lab.lists_model()
    (toml,) = (lab.work_dir / "targets").rglob("*.toml")
    toml.write_bytes(toml.read_bytes() + b"\n")
    with pytest.raises(IntegrityFailed):
        await lab.own.send(at=None)


async def test_a_damaged_list_is_not_sent(lab):
    lab.lists_model()
    (lab.work_dir / "metadata" / "2.org.lab-a.json").write_bytes(b"{")
    with pytest.raises(IntegrityFailed, match="damaged"):
        await lab.own.send(at=None)


async def test_a_list_that_no_registry_takes_is_told_before_it_waits(lab):
    long_lines = tuple(f"{number:04} " + "x" * 1990 for number in range(30))
    for number in range(6):
        lab.lists_model(secrets.token_bytes(4), id=f"m{number}", harms=long_lines)
    with pytest.raises(BodyTooLarge, match="withdraw"):
        await lab.own.send(at=None)
    assert lab.lists.rows == []


async def test_a_lab_without_a_name_at_the_registry_shares_nothing(lab):
    lab.lists_model()
    lab.box.membership = replace(lab.box.membership, organization="")
    with pytest.raises(NotAllowed, match="no name under which"):
        await lab.own.send(at=None)
    lab.box.membership = None
    with pytest.raises(Conflict, match="carrel fed enroll"):
        await lab.own.send(at=None)


async def test_what_is_shared_is_known_again_after_a_restart(lab):
    await lab.shares()
    again = OwnList(lab.lists, lab.box, lab.work_dir, lab.registry.clock)
    await again.load()
    assert [one.recipe.id for one in again.models] == ["lab-a.own"]
    assert again.models[0].recipe.forms[0].files[0].sha256 == sha256_of(b"weights")
