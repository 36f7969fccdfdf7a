"""Letters as no honest box or registry would send them: nothing of them is believed, kept or done."""

import msgspec
import pytest

from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.letters import (
    BODY_BYTES,
    LIFE_S,
    AccessEnd,
    AccessGrant,
    AccessRequest,
    FlawAnswer,
    read_body,
)
from appliance.federation.protocol.messages import Letter
from appliance.federation.protocol.statements import Forwarded
from appliance.services.federation.ports import Item
from appliance.services.letters.ports import Reader
from appliance.trust.sealing import SealingKey
from tests.federation.made import new_key
from tests.letters.labs import LISTED, ask, decide
from tests.registry.desks import BoxForTests

GRANT = AccessGrant(model=LISTED, key="crl_" + "a" * 33)


def text(body):
    return msgspec.json.encode(body).decode()


def letter(box, **said):
    return box.token(kinds.LETTER, Letter, **said)


async def hand(lab, token, **changed):
    """As if the registry had forwarded it. Returns what was raised, or None."""
    said = {
        "iss": "central", "sub": lab.box.id, "jti": "let_1", "iat": lab.desk.clock.now_s,
        "from_box": lab.box.id, "from_institution": "Elsewhere", "sealing_key": "k" * 43, "letter": token,
    }  # fmt: skip
    payload = msgspec.json.encode(Forwarded(**(said | changed)))
    try:
        await lab.receiver.take(Item(kinds.FORWARDED, "", payload, "registry"))
    except Exception as error:
        return error
    return None


@pytest.fixture
async def asked(labs):
    """South waits for an answer; ``thread`` is that of its request."""
    await labs.list()
    await ask(labs.south)
    await labs.sync()
    return labs


def thread(labs):
    return labs.south.loans.borrowed.of_model(LISTED).id


def sealed(labs, body=GRANT):
    return SealingKey.parse(labs.south.opener.public()).seal(msgspec.json.encode(body))


def nothing_changed(labs):
    return labs.south.loans.borrowed.of_model(LISTED).state == "asked" and not labs.south.secrets.has(
        f"access.{LISTED}"
    )


async def test_a_letter_of_a_forged_sender_is_refused(asked):
    stranger = BoxForTests(asked.desk, id=asked.north.box.id)
    stranger.key = new_key()
    said = {"to_box": asked.south.box.id, "kind": "access-grant", "thread": thread(asked)}
    token = letter(stranger, body=sealed(asked), **said)
    more = {"from_box": asked.north.box.id, "from_organization": "north"}
    assert isinstance(await hand(asked.south, token, **more), IntegrityFailed)
    # Signed with a key of its own, for a box of another name.
    other = BoxForTests(asked.desk)
    token = letter(other, body=sealed(asked), **said)
    assert isinstance(await hand(asked.south, token, **more), IntegrityFailed)
    keys = (other.key.public.id,)
    assert isinstance(await hand(asked.south, token, **more, from_keys=keys), IntegrityFailed)
    assert nothing_changed(asked)


async def test_a_grant_of_another_lab_than_was_asked_is_refused(asked, make_lab):
    west = await make_lab("West College", "west")
    reader = Reader(box=asked.south.box.id, sealing_key=asked.south.opener.public())
    await west.sender.send(reader, thread(asked), GRANT)
    end = AccessEnd(model=LISTED, why="revoked", reason="Because.")
    await west.sender.send(reader, thread(asked), end)
    await asked.sync(west)
    assert len(asked.south.log.why) == 2
    assert nothing_changed(asked)


async def test_a_letter_for_another_box_is_refused(asked):
    north = asked.north.box
    for reader in ({"to_box": "x" * 43}, {"to_organization": "west"}, {"to_organization": ""}):
        token = letter(north, kind="access-grant", thread=thread(asked), body=sealed(asked), **reader)
        found = await hand(asked.south, token, from_box=north.id, from_organization="north")
        assert isinstance(found, IntegrityFailed)
    assert nothing_changed(asked)


async def test_a_secret_that_came_unsealed_is_not_taken(asked):
    north = asked.north.box
    token = letter(
        north, to_box=asked.south.box.id, kind="access-grant", thread=thread(asked), body=text(GRANT)
    )
    found = await hand(asked.south, token, from_box=north.id, from_organization="north")
    assert found is None
    assert "unsealed" in asked.south.log.why[0]
    with pytest.raises(BadRequest, match="no key"):
        await asked.north.sender.send(Reader(box=asked.south.box.id), thread(asked), GRANT)
    assert nothing_changed(asked)


@pytest.mark.slow
async def test_a_letter_sealed_to_another_key_is_refused(asked):
    north = asked.north.box
    other = SealingKey.parse(asked.north.opener.public()).seal(msgspec.json.encode(GRANT))
    token = letter(north, to_box=asked.south.box.id, kind="access-grant", thread=thread(asked), body=other)
    assert await hand(asked.south, token, from_box=north.id, from_organization="north") is None
    assert "sealed to another key" in asked.south.log.why[0]
    assert nothing_changed(asked)


async def test_the_same_letter_again_changes_nothing(asked):
    north = asked.north.box
    token = letter(
        north, to_box=asked.south.box.id, kind="access-grant", thread=thread(asked), body=sealed(asked)
    )
    more = {"from_box": north.id, "from_organization": "north"}
    assert await hand(asked.south, token, **more) is None
    await asked.south.borrowing.give_back(model=LISTED, reason="No.")
    assert await hand(asked.south, token, **more) is None
    assert not asked.south.secrets.has(f"access.{LISTED}")


@pytest.mark.slow
async def test_a_letter_that_is_older_than_letters_are_kept_is_refused(asked):
    north = asked.north.box
    said = {"to_box": asked.south.box.id, "kind": "access-grant", "thread": thread(asked)}
    token = letter(north, body=sealed(asked), iat=asked.desk.clock.now_s - 2 * LIFE_S - 1, **said)
    assert await hand(asked.south, token, from_box=north.id, from_organization="north") is None
    assert asked.south.log.why == ["A letter is older than letters are kept."]
    assert nothing_changed(asked)


async def test_after_a_rotation_both_keys_of_the_sender_count_and_no_third(asked):
    north, new = asked.north.box, new_key()
    old = north.key
    asked.desk.send(old, north.rotation(new))
    said = {"to_box": asked.south.box.id, "kind": "access-grant", "thread": thread(asked)}
    more = {
        "from_box": north.id, "from_organization": "north", "from_keys": (old.public.id, new.public.id),
    }  # fmt: skip
    for key, believed in ((new_key(), False), (old, True), (new, True)):
        north.key = key
        found = await hand(asked.south, letter(north, body=sealed(asked), **said), **more)
        assert (found is None) is believed


async def test_a_box_cannot_ask_twice_nor_with_another_s_thread(asked, make_lab):
    other = await make_lab("West College")
    request = AccessRequest(model=LISTED, purpose="x", contact="y", sealing_key=other.opener.public())
    south = asked.south.sender
    await other.sender.send(Reader(organization="north"), thread(asked), request)
    await other.sender.send(Reader(organization="north"), "../../etc", request)
    await south.send(Reader(organization="north"), "thr_0123456789ab", request)
    unknown = msgspec.structs.replace(request, model="north.x")
    await south.send(Reader(organization="north"), "thr_0123456789ac", unknown)
    await asked.sync(other)
    assert len(asked.north.log.why) == 4
    (peer,) = asked.north.loans.peers.all()
    assert peer.box == asked.south.box.id


async def test_an_access_is_given_back_by_nobody_else(asked, make_lab):
    other = await make_lab("West College")
    end = AccessEnd(model=LISTED, why="returned", reason="Because.")
    await other.sender.send(Reader(organization="north"), thread(asked), end)
    await asked.sync(other)
    (peer,) = asked.north.loans.peers.all()
    assert peer.state == "asked"
    assert asked.north.log.why == ["A box gives an access back that it never had."]


async def test_bad_letters_do_not_stand_before_good_ones(asked):
    bad = [sealed(asked, {"model": number}) for number in range(3)]
    for body in bad:
        said = {"to_box": asked.south.box.id, "kind": "access-grant", "thread": thread(asked)}
        asked.north.box.say(kinds.LETTER, Letter, body=body, **said)
    await decide(asked.north, thread(asked), grant=True)
    await asked.sync()
    assert len(asked.south.log.why) == 3
    assert asked.south.letters() == []
    assert asked.south.loans.borrowed.of_model(LISTED).state == "granted"


@pytest.mark.slow
async def test_words_of_the_registry_cannot_move_a_terminal(asked, make_lab):
    other = await make_lab("West \x1b[2J College\n")
    request = AccessRequest(model=LISTED, purpose="x", contact="y", sealing_key=other.opener.public())
    await other.sender.send(Reader(organization="north"), "thr_0123456789ab", request)
    await asked.sync(other)
    assert all(one.institution.isprintable() for one in asked.north.loans.peers.all())


@pytest.mark.slow
async def test_what_letters_say_is_in_no_table_of_letters(asked):
    await decide(asked.north, thread(asked), grant=True)
    await asked.sync()
    for lab in (asked.north, asked.south):
        rows = await lab.store._reader.run(lambda database: list(database.query("SELECT * FROM letter")))
        assert rows
        assert all(row["token"] == "" for row in rows)
        secret = asked.south.secrets.read(f"access.{LISTED}")
        dump = await lab.store._reader.run(lambda database: "\n".join(database.conn.iterdump()))
        assert secret not in dump


@pytest.mark.parametrize(
    "content",
    [
        b'{"model":"m","reason":"ok","v":1,"verdict":"accepted","more":1}',
        b'{"model":"m","reason":"ok","v":2,"verdict":"accepted"}',
        b'{"model":"../m","reason":"ok","v":1,"verdict":"accepted"}',
        b'{"model":"m","reason":"\\u001b[2J","v":1,"verdict":"accepted"}',
        b'{"model":"m","reason":"","v":1,"verdict":"accepted"}',
        b'{"model":"m","reason":"ok","v":1,"verdict":"bought"}',
        b'{"model":"m","reason":"' + b"a" * 1001 + b'","v":1,"verdict":"accepted"}',
        b"[" * 100_000,
        b"\xff",
        b'{"model":"m","reason":"ok","v":1,"verdict":"accepted"}' + b" " * BODY_BYTES,
    ],
    ids=["field", "version", "path", "control", "empty", "verdict", "long", "deep", "bytes", "size"],
)
def test_a_body_of_another_shape_is_refused(content):
    with pytest.raises(BadRequest):
        read_body("flaw-answer", content)


def test_a_body_is_read_by_its_own_kind_alone():
    answer = msgspec.json.encode(FlawAnswer(model="m", verdict="accepted", reason="ok"))
    assert read_body("flaw-answer", answer).verdict == "accepted"
    for kind in ("flaw-report", "access-request", "access-grant", "access-end"):
        with pytest.raises(BadRequest):
            read_body(kind, answer)
