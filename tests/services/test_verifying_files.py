"""``model verify`` tells of every file whether it is right, wrong or missing, and looks inside those that
are.
"""

import asyncio
import threading
from dataclasses import replace

import pytest

from appliance.domain.upstream import Price, Upstream
from appliance.errors import BadRequest, IntegrityFailed, ModelNotFound, NotFound
from tests.services.verifying_fakes import Bench, recipe


async def verify(bench: Bench, model: str = "small", **flags: bool):
    return await bench.service.verify(model=model, **{"all_forms": False, "fidelity": False, **flags})


async def test_right_files_are_ok():
    found = await verify(Bench())
    assert found.ok
    (form,) = found.forms
    assert (form.id, form.ok) == ("small@q8", True)
    assert [(file.name, file.state) for file in form.files] == [("q8.gguf", "ok"), ("tokenizer.json", "ok")]
    assert found.fidelity is None


async def test_each_file_that_is_wrong_is_named_with_the_reason():
    bench = Bench()
    bench.files.wrong = {"q8.gguf"}
    found = await verify(bench)
    assert not found.ok
    assert [file.state for file in found.forms[0].files] == ["wrong", "ok"]
    assert found.forms[0].files[0].reason == "It is another file."


async def test_files_that_are_nowhere_are_missing_and_nothing_is_read():
    bench = Bench()
    bench.files.absent = {"q8"}
    found = await verify(bench)
    assert not found.ok
    assert {file.state for file in found.forms[0].files} == {"missing"}
    assert bench.files.read == []


async def test_right_bytes_that_are_no_model_are_not_ok():
    bench = Bench()
    bench.files.hollow = {"q8"}
    found = await verify(bench)
    assert not found.ok
    assert found.forms[0].reason == "There is no model in it."


async def test_a_form_whose_engine_is_not_installed_is_ok_and_says_so():
    bench = Bench()

    def not_there(form, folder):
        raise NotFound("There is no engine of that name.")

    bench.service._read_shapes = not_there
    found = await verify(bench)
    assert found.ok
    assert "no engine" in (found.forms[0].reason or "")


async def test_all_forms_are_those_with_a_file_here_and_a_shared_file_is_read_once():
    bench = Bench()
    found = await verify(bench, all_forms=True)
    assert [form.id for form in found.forms] == ["small@q8", "small@f16"]
    assert bench.files.read == ["q8.gguf", "tokenizer.json", "f16.gguf"]
    bench.files.absent = {"q8"}
    assert [form.id for form in (await verify(bench, all_forms=True)).forms] == ["small@f16"]


async def test_a_draft_has_nothing_to_check():
    with pytest.raises(ModelNotFound, match="draft"):
        await verify(Bench(recipe=recipe(draft=True)))


async def test_a_model_that_is_hosted_elsewhere_has_nothing_to_check():
    host = Upstream("lab", "https://lab.test/v1", "big", "", Price(1, 1, 1), frozenset())
    with pytest.raises(BadRequest, match="elsewhere"):
        await verify(Bench(recipe=replace(recipe(), upstream=host)))


async def test_how_far_it_is_can_be_seen_while_it_reads_and_reading_ends_when_its_caller_leaves():
    bench = Bench()
    given_up: list[str] = []
    reached, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go_on.wait(10)

    def check(file, folder, on_progress):
        try:
            return plain(file, folder, on_progress)
        except IntegrityFailed:
            given_up.append(file.name)
            raise
        finally:
            ended.set()

    bench.files.hold = hold
    plain, bench.files.check = bench.files.check, check
    verifying = asyncio.ensure_future(verify(bench))
    await asyncio.to_thread(reached.wait, 10)
    assert bench.tasks.lines == ("q8.gguf: 50% read",)
    verifying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await verifying
    go_on.set()
    await asyncio.to_thread(ended.wait, 10)
    assert bench.tasks.lines == ()
    assert bench.files.read == given_up == ["q8.gguf"]
