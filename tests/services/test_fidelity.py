"""Every form reads the same text, the fullest first; the others are compared with it, and what is found is
kept.
"""

import asyncio
import hashlib
import math

import pytest

from appliance.errors import BadRequest, Conflict, DoesNotFit
from appliance.services.verifying.prose import read_prose
from tests.services.verifying_fakes import TEXT, Bench, recipe


async def measure(bench: Bench):
    found = await bench.service.verify(model="small", all_forms=False, fidelity=True)
    assert found.fidelity is not None
    return found.fidelity


async def test_the_fullest_form_is_measured_first_and_the_others_are_compared_with_it():
    bench = Bench()
    bench.models.sources["small"].misses = 1
    reference, other = (await measure(bench)).forms
    assert bench.models.lent == bench.models.returned == ["small@f16", "small"]
    assert (reference.id, reference.reference, reference.agreement) == ("small@f16", "f16", 1)
    assert reference.perplexity == pytest.approx(math.e)
    assert (other.id, other.agreement) == ("small@q8", 0)
    assert other.nll_difference == pytest.approx(0.25)
    assert other.largest_difference == pytest.approx(0.25)
    assert other.reference_perplexity == reference.perplexity
    assert other.tokens == reference.tokens == len(TEXT) - 1


async def test_what_is_found_is_kept_with_the_files_the_build_and_the_text():
    bench = Bench()
    await measure(bench)
    first, second = (record.subject for record in bench.records.kept)
    assert (first.form, second.form) == ("f16", "q8")
    assert (second.recipe_id, second.recipe_revision, second.engine_build) == ("small", 3, "fake-1")
    assert second.files_sha256 == bench.recipe.forms[0].sha256 != "a" * 64
    assert second.text_sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert [record.is_reference for record in bench.records.kept] == [True, False]


async def test_it_is_scoring_of_prompts_in_the_batch_class_and_nobodys_cache():
    bench = Bench()
    await measure(bench)
    (work,) = bench.models.sources["small"].works
    assert (work.max_tokens, work.prompt_logprobs, work.owner) == (0, 1, "")
    assert work.prompt == tuple(map(ord, TEXT))


async def test_a_passage_over_the_window_is_halved_and_the_first_token_of_each_half_is_not_scored():
    bench = Bench(recipe=recipe(context_tokens=16))
    found = await measure(bench)
    assert found.window_tokens == 16
    works = bench.models.sources["small"].works
    assert [len(work.prompt) for work in works] == [14, 13]
    assert found.forms[0].tokens == 13 + 12


async def test_a_form_that_cannot_run_says_why_and_the_next_fullest_is_the_reference():
    bench = Bench()
    bench.models.errors["small@f16"] = DoesNotFit("1 GiB is missing.")
    lines = (await measure(bench)).forms
    assert (lines[0].reason, lines[0].perplexity) == ("1 GiB is missing.", None)
    assert (lines[1].reference, lines[1].reason) == ("q8", None)
    assert [record.subject.form for record in bench.records.kept] == ["q8"]


async def test_forms_with_other_tokens_are_not_compared():
    bench = Bench()
    bench.models.shifts["small"] = 1
    lines = (await measure(bench)).forms
    assert "other tokens" in (lines[1].reason or "")
    assert lines[1].perplexity is None
    assert len(bench.records.kept) == 1


async def test_a_form_that_runs_with_a_shorter_context_is_left_out():
    bench = Bench()
    bench.models.context_tokens["small"] = 32
    lines = (await measure(bench)).forms
    assert "32 tokens" in (lines[1].reason or "")


@pytest.mark.parametrize(("logprob", "swallows"), [(-math.inf, 0), (math.nan, 0), (-1.0, 2)])
async def test_an_engine_that_does_not_tell_every_number_is_not_measured(logprob, swallows):
    bench = Bench()
    source = bench.models.sources["small"]
    source.logprob, source.swallows = logprob, swallows
    lines = (await measure(bench)).forms
    assert "every token" in (lines[1].reason or "")


async def test_a_form_that_is_not_whole_is_not_measured():
    bench = Bench()
    bench.files.absent = {"q8"}
    assert [line.id for line in (await measure(bench)).forms] == ["small@f16"]


async def test_models_that_make_vectors_are_refused():
    with pytest.raises(BadRequest, match="vectors"):
        await measure(Bench(recipe=recipe(pooling="mean")))


async def test_one_at_a_time_measures_and_one_that_leaves_ends_its_work():
    bench = Bench()
    source = bench.models.sources["small@f16"]
    source.gate.clear()
    first = asyncio.ensure_future(measure(bench))
    async with asyncio.timeout(5):
        while not source.works:
            await asyncio.sleep(0)
    assert bench.tasks.lines == ("small@f16: 0% of the text read",)
    with pytest.raises(Conflict, match="already"):
        await measure(bench)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert source.streams[0].cancelled
    assert bench.models.returned == ["small@f16"]
    assert bench.tasks.lines == ()
    source.gate.set()
    assert len((await measure(bench)).forms) == 2


def test_the_text_is_the_one_that_numbers_of_earlier_versions_are_of():
    prose = read_prose()
    assert prose.sha256 == "c6d382a5b569bc714e2268e3d39e816f541ae525f1a60d841ee654265528d571"
    assert 12_000 < len(prose.text) < 16_000
