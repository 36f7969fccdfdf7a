"""Removing a model says what it frees, frees that, and leaves what others have."""

import pytest

from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound
from tests.services.downloads_fakes import Box, Shelf, file, form, recipe

SHARED = file("tokenizer.json", 10)
BF16 = form("bf16", files=[file("a.safetensors", 500), SHARED])
INT8 = form("int8", files=BF16.files)
Q8 = form("q8", files=[file("tiny.gguf", 300), SHARED])


@pytest.fixture
async def box():
    """Two forms that share a file, a third that is held otherwise, and a model with the same weights."""
    box = Box(
        Shelf(
            recipe(forms=[BF16, INT8, Q8]),
            recipe("copy", forms=[form(files=[file("a.safetensors", 500)])]),
        )
    )
    for name, one in (("tiny", BF16), ("tiny", Q8)):
        box.blobs.whole |= {each.sha256 for each in one.files}
        box.blobs.place(name, one.files)
    yield box
    await box.service.close()


async def test_a_dry_run_says_what_would_be_freed_and_removes_nothing(box):
    said = await box.removal.remove(model="tiny@q8", dry_run=True)
    assert (said.freed_bytes, said.removed, said.dry_run) == (300, ("tiny.gguf",), True)
    assert "tiny.gguf" in box.blobs.models["tiny"]
    assert box.seals.forgotten == []


async def test_what_another_form_needs_stays_and_is_named(box):
    done = await box.removal.remove(model="tiny@q8", dry_run=False)
    assert (done.freed_bytes, done.removed) == (300, ("tiny.gguf",))
    (kept,) = done.kept
    assert kept.name == "tokenizer.json"
    assert set(kept.models) == {"tiny@bf16", "tiny@int8"}
    assert box.blobs.models["tiny"].keys() == {"a.safetensors", "tokenizer.json"}
    assert box.seals.forgotten == [("tiny", ("tiny.gguf",))]


async def test_a_form_that_is_made_of_the_very_same_files_goes_with_it(box):
    await box.removal.remove(model="tiny@q8", dry_run=False)
    done = await box.removal.remove(model="tiny", dry_run=False)
    assert set(done.removed) == {"a.safetensors", "tokenizer.json"}
    assert box.files.folder_of(box.catalog.known["tiny"], INT8) is None


async def test_bytes_that_another_model_has_stay_on_the_disk(box):
    box.blobs.place("copy", box.catalog.known["copy"].forms[0].files)
    done = await box.removal.remove(model="tiny", dry_run=False)
    assert done.freed_bytes == 0
    assert ("a.safetensors", ("copy",)) in [(one.name, one.models) for one in done.kept]
    assert "a.safetensors" in done.removed


async def test_a_model_that_runs_is_not_removed(box):
    known = box.catalog.known["tiny"]
    box.runners.models = [(known, INT8)]
    with pytest.raises(Conflict, match="carrel model stop tiny@int8"):
        await box.removal.remove(model="tiny", dry_run=True)
    # Another form runs, from other files.
    await box.removal.remove(model="tiny@q8", dry_run=False)


async def test_files_that_a_download_needs_are_not_removed(box):
    box.fetcher.script = [["hold"]]
    box.blobs.whole.clear()
    await box.service.pull(model="copy")
    with pytest.raises(Conflict, match="copy is being downloaded"):
        await box.removal.remove(model="tiny", dry_run=False)
    await box.service.cancel(download="copy")
    await box.removal.remove(model="tiny", dry_run=False)


async def test_what_came_with_carrel_stays(box):
    box.files.bundled.add("tiny")
    with pytest.raises(BadRequest, match="came with Carrel"):
        await box.removal.remove(model="tiny", dry_run=False)


async def test_what_is_not_here_is_not_found(box):
    with pytest.raises(NotFound, match="Nothing of copy"):
        await box.removal.remove(model="copy", dry_run=False)
    with pytest.raises(ModelNotFound):
        await box.removal.remove(model="../x", dry_run=False)


async def test_what_is_left_of_a_withdrawn_model_can_be_removed(box):
    known = box.catalog.known.pop("tiny")
    box.runners.models = [(known, Q8)]
    with pytest.raises(Conflict, match="carrel model stop tiny@q8"):
        await box.removal.remove(model="tiny", dry_run=True)
    box.runners.models = []
    done = await box.removal.remove(model="tiny", dry_run=False)
    assert done.removed == ("a.safetensors", "tiny.gguf", "tokenizer.json")
    assert done.freed_bytes == 810
    with pytest.raises(ModelNotFound):
        await box.removal.remove(model="tiny", dry_run=False)
