"""What a reader of an answer is told of where its thoughts begin and end."""

from dataclasses import replace

import pytest

from tests.generation.fakes import CALLER, Box

MARKS = ("<think>", "</think>")


@pytest.mark.parametrize(
    ("marks", "at_once", "told"),
    [(None, False, None), (MARKS, False, MARKS), (MARKS, True, ("", "</think>")), (None, True, None)],
)
async def test_thoughts_that_the_prompt_began_have_no_mark_before_them(box: Box, marks, at_once, told):
    box.model = replace(box.model, thinking=marks)
    box.generator._models = box
    box.model.preparer.thinks_at_once = at_once
    run = await box.generator.start(CALLER, box.request())
    assert run.accepted.thinking == told
    run.cancel()
    await run.ended()
