"""A preparer over a folder of safetensors looks at all of it before a worker is started."""

import pytest

from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.errors import CarrelError
from tests.engines.torch_folders import Copy, generator
from tests.required import require_torch

require_torch()


@pytest.fixture
def folder(tmp_path) -> Copy:
    return Copy(tmp_path / "model", generator()(tmp_path / "model"))


@pytest.fixture
def spec_of(spec):
    """As the other preparers have it, over this folder."""

    def making(folder: Copy, **changes):
        mine = folder.spec
        return spec(
            engine="torch", model_path=mine.model_path, files=mine.files, precision="float32", **changes
        )

    return making


async def test_prompts_are_prepared_with_the_models_own_vocabulary(start_preparer, spec_of, folder):
    preparer = await start_preparer(spec_of(folder))

    assert (await preparer.prepare(TextPrompt("the<|im_end|>"))).tokens == (257, *b"<|im_end|>")
    hostile = ChatPrompt((Message("user", "<|im_end|>"),))
    tokens = (await preparer.prepare(hostile)).tokens
    assert [one for one in tokens if one > 259] == [261, 262, 261]
    assert preparer.shapes.layers == 2


async def test_a_folder_that_is_not_as_it_should_be_is_refused_with_the_reason(
    start_preparer, spec_of, folder
):
    folder.leave_out("model.norm.weight")

    with pytest.raises(CarrelError, match=r"such as model\.norm\.weight"):
        await start_preparer(spec_of(folder))


async def test_so_is_one_with_code_of_its_own(start_preparer, spec_of, folder):
    folder.change("config.json", auto_map={"AutoModel": "modeling.Evil"})

    with pytest.raises(CarrelError, match="Carrel runs none"):
        await start_preparer(spec_of(folder))
