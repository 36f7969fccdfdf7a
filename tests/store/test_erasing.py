"""Exporting and erasing people, over a real store."""

from functools import partial

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Caller, Person, Project
from appliance.domain.usage import Meters, Outcome
from appliance.errors import BadRequest, Conflict, NotFound, TryAgain
from appliance.services.keys import KeyService
from appliance.services.people.directory import Directory
from appliance.services.privacy.erasing import Erasing
from appliance.services.privacy.exporting import Exporting

ROOT = Actor("uid 0", Permission.ADMIN)


class Box:
    """What erasing needs, joined as in a gateway; remembers in which order things happened."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.directory = Directory()
        self.keys = KeyService(store.keys, self.directory, clock)
        self.happened = []
        self.keys.on_revoked(lambda key: self.happened.append(f"revoked {key}"))
        self.exporting = Exporting(store.personal, self.directory, store.keys, clock)
        self.erasing = Erasing(
            records=store.personal,
            persons=self.directory,
            keys=store.keys,
            revoking=self.keys,
            before=[self._note("before")],
            after=[self.load, self._note("after")],
            kept=["The audit log."],
            clock=clock,
            random_bytes=lambda size: b"\x01" * size,
        )

    def _note(self, what):
        async def note():
            self.happened.append(what)

        return note

    async def load(self):
        await self.directory.load(self.store.people, self.store.projects, self.store.members)
        await self.keys.load()


@pytest.fixture
async def box(store, clock):
    await store.projects.add(Project("nlp", "", 1))
    for name in ("ada", "bob"):
        await store.people.add(Person(name, name.title(), 1, email=f"{name}@lab.example"))
    box = Box(store, clock)
    await box.load()
    return box


@pytest.fixture
async def issued(box, store, make_key):
    """A key of ada, one of bob, one of nobody."""
    keys = [
        make_key("key_a", "nlp", person_id="ada"),
        make_key("key_b", "nlp", person_id="bob"),
        make_key("key_n"),
    ]
    for number, key in enumerate(keys):
        await store.keys.add(key, bytes([number]) * 32)
    await box.load()
    return keys


async def use(store, hold, *, settled=True):
    await store.ledger.reserve(hold)
    if settled:
        await store.ledger.settle(hold.request_id, Outcome.COMPLETED, Meters(3, 0, 4, 1, 1, 50))


async def test_an_export_is_of_one_person_and_has_what_they_used(box, store, issued, make_hold):
    await use(store, make_hold("req_a", caller=issued[0].caller()))
    await use(store, make_hold("req_b", caller=issued[1].caller()))
    told = await box.exporting.export(person="ada", actor=ROOT)
    found = {one.table: one for one in told.tables}
    who = dict(zip(found["person"].columns, found["person"].rows[0], strict=True))
    assert who["email"] == "ada@lab.example"
    assert [row[found["usage"].columns.index("request_id")] for row in found["usage"].rows] == ["req_a"]
    assert "bob" not in repr(told)
    assert "req_b" not in repr(told)


async def test_with_a_key_it_is_what_is_kept_in_the_project_of_the_key(
    box, store, issued, make_key, make_hold
):
    await store.projects.add(Project("vision", "", 1))
    await store.keys.add(make_key("key_v", "vision", person_id="ada"), bytes([9]) * 32)
    await box.load()
    await use(store, make_hold("req_a", caller=issued[0].caller()))
    await use(store, make_hold("req_v", caller=Caller("key_v", "ada", "vision")))
    ada = Actor("ada", Permission.MEMBER, person="ada", project="nlp", key_id="key_a", origin="10.0.0.1")
    told = await box.exporting.export(person="ada", actor=ada)
    assert "req_a" in repr(told.tables)
    assert [one for one in ("req_v", "key_v", "'vision'", "@lab.example") if one in repr(told)] == []
    assert (told.project, "`carrel person export ada`" in told.elsewhere[0]) == ("nlp", True)
    whole = await box.exporting.export(person="ada", actor=ROOT)
    assert [one in repr(whole.tables) for one in ("req_a", "req_v", "key_v")] == [True] * 3
    assert whole.project == ""


async def test_an_erased_person_has_no_name_no_key_and_no_way_back(box, store, issued, make_hold):
    await use(store, make_hold("req_a", caller=issued[0].caller()))
    spent = (await store.budgets.get("nlp")).spent_micro
    done = await box.erasing.erase(person="ada")
    assert (done.erased_as, done.keys_revoked, done.kept) == ("erased-" + "01" * 6, 1, ("The audit log.",))
    assert box.happened == ["revoked key_a", "before", "after"]
    assert box.directory.person("ada") is None
    erased = box.directory.person(done.erased_as)
    assert (erased.name, erased.email, erased.erased_ms) == ("", "", box.clock.now_ms())
    assert (await store.budgets.get("nlp")).spent_micro == spent == 50
    assert box.directory.person("bob").name == "Bob"
    with pytest.raises(NotFound):
        await box.exporting.export(person="ada", actor=ROOT)
    with pytest.raises(Conflict):
        await box.erasing.erase(person=done.erased_as)


async def test_nobody_is_erased_while_something_of_theirs_runs(box, store, issued, make_hold):
    await use(store, make_hold("req_a", caller=issued[0].caller()), settled=False)
    with pytest.raises(TryAgain, match="carrel person erase ada"):
        await box.erasing.erase(person="ada")
    assert box.happened == ["revoked key_a"]
    await store.ledger.settle("req_a", Outcome.CANCELLED, Meters(3, 0, 1, 1, 1, 9))
    assert (await box.erasing.erase(person="ada")).keys_revoked == 0


async def test_a_key_of_nobody_is_exported_and_erased_by_its_id(box, store, issued, make_hold):
    await use(store, make_hold("req_n", caller=issued[2].caller()))
    told = await box.exporting.export(person="key_n", actor=ROOT)
    assert {one.table for one in told.tables} == {"key", "usage"}
    done = await box.erasing.erase(person="key_n")
    assert (done.erased_as, done.keys_revoked) == ("key_n", 1)
    assert [key.name for key in await store.keys.all() if key.id == "key_n"] == [""]


@pytest.mark.parametrize("name", ["eve", "key_a", "key_x"])
async def test_whoever_is_not_there_is_not_found_and_no_key_stands_for_its_person(box, issued, name):
    for verb in (partial(box.exporting.export, actor=ROOT), box.erasing.erase):
        with pytest.raises(NotFound):
            await verb(person=name)


async def test_the_default_person_is_everybody_and_cannot_be_meant(box, issued):
    for verb in (partial(box.exporting.export, actor=ROOT), box.erasing.erase):
        with pytest.raises(BadRequest, match="nobody in particular"):
            await verb(person="default")
