"""Thoughts and calls of a host are read by the box's own parser as those of its own models."""

from appliance.api.dialogue.parts import CallArguments, CallBegun, SaidText, Thought
from appliance.api.dialogue.splitting import Splitter
from appliance.upstreams.answer_shapes import CallDelta, ChunkChoice, Delta, Function
from appliance.upstreams.choice import Choice
from tests.upstreams.conftest import OneTokenAWord

MARKS = ("<think>", "</think>")


def choice(**more) -> Choice:
    return Choice(**{"counter": OneTokenAWord(), "most_tokens": 50, "stops": (), "thinking": MARKS, **more})


def delta(**fields) -> ChunkChoice:
    return ChunkChoice(delta=Delta(**fields))


def call(index: int, name: str | None = None, arguments: str | None = None) -> ChunkChoice:
    return delta(tool_calls=(CallDelta(index, Function(name, arguments)),))


async def parts_of(*pieces: ChunkChoice) -> list:
    one, splitter = choice(), Splitter(0, call_id=lambda index: f"c{index}", thinking=MARKS)
    parts = [part for piece in pieces for part in splitter.feed(await one.take(piece))]
    return [*parts, *splitter.feed(one.close()), *splitter.close()]


def texts(parts: list, kind: type) -> str:
    return "".join(part.text for part in parts if isinstance(part, kind))


async def test_thoughts_an_answer_and_calls_are_told_apart():
    parts = await parts_of(
        delta(reasoning_content="Hm, "),
        delta(reasoning_content="rain."),
        delta(content="I look."),
        call(0, "weather", '{"in":'),
        call(0, None, '"Ulm"}'),
        call(1, "time"),
        ChunkChoice(finish_reason="tool_calls"),
    )
    assert texts(parts, Thought) == "Hm, rain."
    assert texts(parts, SaidText) == "I look."
    assert [part.name for part in parts if isinstance(part, CallBegun)] == ["weather", "time"]
    arguments = {0: "", 1: ""}
    for part in parts:
        if isinstance(part, CallArguments):
            arguments[part.index] += part.text
    assert arguments == {0: '{"in":"Ulm"}', 1: "{}"}


async def test_stop_texts_are_held_to_even_where_the_host_does_not_know_them():
    one = choice(stops=("74",))
    said = [await one.take(delta(content=piece)) for piece in ("port 7", "411", " and on")]
    assert ("".join(said), one.reason, one.stop) == ("port ", "stop", "74")


async def test_text_that_could_become_a_stop_is_not_lost_before_a_call():
    one = choice(stops=("<end>",))
    said = await one.take(delta(content="a <e")) + await one.take(call(0, "f", "{}"))
    assert said.startswith("a <e<tool_call>")


async def test_a_choice_never_tells_more_than_its_tokens():
    one = choice(most_tokens=3)
    said = [await one.take(delta(content=piece)) for piece in ("a b", " c d e", " f")]
    count = await one.count()
    assert ("".join(said), one.reason, count.tokens) == ("a b c", "length", 3)
