"""Work that yields fills the passes in which nobody else wants to be computed, and stands in nobody's way."""

from appliance.engines.base import Embed, Finished, Tokens
from appliance.engines.embedding.packing import Progress, pack
from appliance.engines.scheduler.yielding import YIELDING_PART
from tests.engines.driving import Answers, run, work


def line(number: int, prompt: str = "x" * 20, **more):
    return work(number, prompt, yields=True, **more)


def sampled(engine) -> list[int]:
    """Whose tokens the next pass gives."""
    return [event.id for event in engine.step().events if isinstance(event, Tokens)]


def watched(engine) -> list[int]:
    """The tokens of each pass from now on."""
    passes: list[int] = []
    forward = engine._runner.forward

    def counted(plan):
        passes.append(sum(len(piece.tokens) for piece in plan.slices))
        return forward(plan)

    engine._runner.forward = counted
    return passes


def test_while_anybody_else_is_computed_lines_stand_still_and_go_on_where_they_were(open_fake):
    engine = open_fake()
    engine.submit(line(1, max_tokens=50))
    engine.submit(line(2, max_tokens=50))
    engine.step()
    while not sampled(engine):
        pass
    engine.submit(work(3, max_tokens=5))
    during = [sampled(engine) for _ in range(5)]
    assert during == [[3]] * 5
    assert sorted(sampled(engine)) == [1, 2]


def test_a_prompt_that_yields_is_not_read_beside_others(open_fake):
    engine = open_fake(batch_tokens=64)
    engine.submit(work(1, "ab", max_tokens=4))
    engine.submit(line(2))
    passes = watched(engine)
    assert [sampled(engine) for _ in range(4)] == [[1]] * 4
    assert passes == [2, 1, 1, 1]


def test_passes_of_nothing_but_lines_are_short(open_fake):
    engine = open_fake(batch_tokens=64, context_tokens=512, kv_tokens=4096)
    passes = watched(engine)
    engine.submit(line(1, "x" * 100, max_tokens=2))
    run(engine)
    assert max(passes) == 64 // YIELDING_PART
    engine.submit(work(2, "y" * 100, max_tokens=2))
    run(engine)
    assert max(passes) == 64


def test_a_line_has_the_same_answer_whatever_it_stood_still_for(open_fake):
    alone = run(open_fake(), line(1, max_tokens=12))[1, 0].ids
    engine = open_fake()
    engine.submit(line(1, max_tokens=12))
    answers = Answers(event for _ in range(3) for event in engine.step().events)
    engine.submit(work(2, max_tokens=6))
    while not engine.idle:
        answers.update_with(engine.step().events)
    assert answers[1, 0].ids == alone


def test_a_line_that_reads_what_another_begins_with_is_let_go_on(open_fake):
    """Both of one owner: the other waits for the reading and would wait for ever."""
    beginning = "b" * 64
    engine = open_fake(batch_tokens=32, context_tokens=512, kv_tokens=4096)
    engine.submit(line(1, beginning + "line", max_tokens=4, owner="ada"))
    engine.step()
    engine.submit(work(2, beginning + "question", max_tokens=4, owner="ada"))
    engine.submit(work(3, "zz", max_tokens=40, owner="bob"))
    ends: list[int] = []
    while not engine.idle:
        ends += [event.id for event in engine.step().events if isinstance(event, Finished)]
    assert ends == [2, 3, 1]


def test_a_line_that_stands_still_can_be_ended(open_fake):
    engine = open_fake()
    engine.submit(line(1, max_tokens=50))
    engine.submit(work(2, max_tokens=50))
    engine.step()
    engine.cancel(1)
    ended = [event for event in engine.step().events if event.id == 1]
    assert [event.reason for event in ended] == ["cancelled"]


def test_inputs_that_yield_are_read_when_there_are_no_others():
    def progress(number: int, **more) -> Progress:
        work = Embed(number, ((1, 2), (3,)), **more)
        return Progress(work, work.kv_tokens)

    patient, urgent = progress(1, yields=True), progress(2)
    chosen = pack([patient, urgent], most_tokens=64, most_inputs=8)
    assert {one.of.work.id for one in chosen} == {2}
    assert len(pack([patient], most_tokens=64, most_inputs=8)) == 2
