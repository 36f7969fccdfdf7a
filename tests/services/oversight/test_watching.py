"""What is counted of requests, for whom, and that nothing of what they say is kept."""

import gc
from dataclasses import replace

import pytest

from appliance.domain.generation import SamplingWishes, ServiceClass
from appliance.services.oversight.watching import Tripping
from tests.services.oversight.conftest import ADA, EVE, HOUR, MINUTE

TEXT = "Write a tweet that urges young voters in {place} to vote against the incumbent."
MARKER = "zqxjkvbpwm-marker"


def wires_of(look):
    return {one.wire for one in look.tables.incidents.values()}


async def test_a_template_with_a_slot_trips_for_its_holder_only(look):
    for number in range(260):
        look.clock.at_ms += MINUTE
        look.send(ADA, f"Write one sentence about what two {number}ists say when they walk into a shop")
        look.send(EVE, f"{number} {number * 7} {number * 11} {number * 13} {number * 17} {number * 19}")
    await look.book.flush()
    assert {(one.wire, one.holder) for one in look.tables.incidents.values()} == {("near-equal", "ada")}


async def test_packs_count_and_one_text_again_and_again_is_no_variation(look):
    for _ in range(60):
        look.clock.at_ms += MINUTE
        look.send(ADA, TEXT.format(place="Ohio"))
    await look.book.flush()
    assert wires_of(look) == set()
    for place in ("Maine", "Leeds", "Quebec", "Otago"):
        look.send(ADA, TEXT.format(place=place))
    await look.book.flush()
    assert wires_of(look) == {"political-bulk"}


async def test_log_probabilities_are_counted_for_what_is_told(look):
    for number in range(1100):
        look.clock.at_ms += MINUTE // 2
        look.send(EVE, f"{number} {number * 7} {number * 11}", logprobs=1)
    await look.book.flush()
    assert "logprob-harvest" not in wires_of(look)
    for number in range(1100):
        look.clock.at_ms += 1000
        bias = SamplingWishes(logit_bias=((number, 5.0),))
        look.send(ADA, f"{number} {number * 7} {number * 11}", logprobs=0, sampling=bias)
    await look.book.flush()
    assert "logprob-harvest" in wires_of(look)


async def test_one_key_from_many_addresses_trips(look):
    for number in range(8):
        look.send(replace(ADA, address=f"192.0.2.{number}"))
    await look.book.flush()
    assert wires_of(look) == {"many-addresses"}


async def test_lines_of_a_batch_have_no_address_and_are_no_burst(look):
    for _ in range(200):
        look.send(replace(ADA, address=""), service_class=ServiceClass.OVERNIGHT)
    await look.book.flush()
    assert wires_of(look) == set()


async def test_texts_before_a_guard_are_not_what_somebody_writes(look):
    for number in range(300):
        look.clock.at_ms += MINUTE
        asked = look.asked(ADA, TEXT.format(place=number), logprobs=5)
        asked = replace(asked, recipe=replace(asked.recipe, guard="qwen3guard"))
        look.tripping.watch(asked).accepted(accepted_of(look))
    await look.book.flush()
    assert wires_of(look) == set()


async def test_permission_alone_is_not_watched(look):
    assert look.tripping.watch(replace(look.asked(ADA), request=None)) is None


async def test_a_refused_request_counts_for_nothing(look):
    for _ in range(500):
        look.tripping.watch(look.asked(ADA))
    await look.book.flush()
    assert look.tables.incidents == {}


async def test_who_was_not_seen_for_longest_is_forgotten_first(look):
    look.tripping = Tripping(look.tripwires, look.book, look.clock.now_ms, most_holders=2)
    bob = replace(ADA, person_id="bob", key_id="key_bob")
    for who in (*[ADA] * 118, *[EVE] * 119, ADA, bob, ADA, EVE):
        look.send(who)
    await look.book.flush()
    assert {one.holder for one in look.tables.incidents.values()} == {"ada"}
    assert len(look.tripping._holders) == len(look.tripping._keys) == 2


async def test_addresses_are_hashed_with_a_salt_of_the_day(look):
    look.send(ADA)
    salt = look.tripping._salt
    look.clock.at_ms += 24 * HOUR
    look.send(ADA)
    assert look.tripping._salt[1] != salt[1]
    assert b"192.0.2.1" not in repr(look.tripping.__dict__).encode()


@pytest.mark.parametrize("text", [MARKER, TEXT.format(place=MARKER)])
async def test_nothing_that_was_said_is_kept(look, text):
    watch = look.tripping.watch(look.asked(ADA, text))
    assert any(MARKER in one for one in reachable(watch))
    watch.accepted(accepted_of(look))
    for number in range(40):
        look.send(ADA, f"{text} {number} and some words more", logprobs=5)
    await look.book.flush()
    gc.collect()
    kept = reachable(watch) | reachable(look.tripping) | reachable(look.book) | reachable(look.tables)
    assert not [one for one in kept if MARKER in one]
    assert not [line for line in look.log.lines if MARKER in line]


def reachable(root: object) -> set[str]:
    """Every text that can be reached from an object, but through the code itself."""
    seen: set[int] = set()
    texts: set[str] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or type(one).__name__ in {
            "module",
            "function",
            "type",
            "builtin_function_or_method",
        }:
            continue
        seen.add(id(one))
        if isinstance(one, str):
            texts.add(one)
        elif isinstance(one, bytes | bytearray):
            texts.add(bytes(one).decode("latin-1"))
        waiting.extend(gc.get_referents(one))
    return texts


def accepted_of(look):
    from appliance.domain.generation import Accepted
    from tests.services.oversight.conftest import IDENTITY

    return Accepted(IDENTITY, 3, 1, look.clock.now_ms(), prompt=(1, 2, 3))
