"""A model cut into parts computes what the whole one does.

Ranks are threads here; their link adds in memory.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from appliance.errors import ConfigInvalid
from tests.required import require_torch

require_torch()

import torch  # noqa: E402 - only where it is installed
from transformers import GPT2Config, LlamaConfig  # noqa: E402

from appliance.engines.hf_folder.folder import read_folder  # noqa: E402
from appliance.engines.torch.cells import choose_cells  # noqa: E402
from appliance.engines.torch.model import TorchModel  # noqa: E402
from appliance.engines.torch.ranks.parts import Part, bounds  # noqa: E402
from appliance.engines.torch.ranks.plans import plan_of, require_whole_heads  # noqa: E402
from appliance.engines.torch.ranks.splitting import Splitting  # noqa: E402
from tests.engines.splittable import TOKENS, eight_heads, logprobs, reading, whole  # noqa: E402

CPU = torch.device("cpu")


class Together:
    """The link of as many threads: whoever comes last adds."""

    def __init__(self, size: int) -> None:
        self._given: list[torch.Tensor] = []
        self._barrier = threading.Barrier(size, action=self._add, timeout=60)

    def sum(self, tensor: torch.Tensor) -> torch.Tensor:
        self._given.append(tensor)
        self._barrier.wait()
        return tensor

    def _add(self) -> None:
        total = torch.stack(self._given).sum(0)
        for one in self._given:
            one.copy_(total)
        self._given.clear()


class Parts:
    """All ranks of a model, in threads."""

    def __init__(self, spec, size: int) -> None:
        folder, link = read_folder(spec), Together(size)
        self.models = [
            TorchModel(
                folder,
                spec,
                choose_cells(spec),
                CPU,
                split=Splitting(Part(rank, size, link)),
                rank=rank,
                ranks=size,
            )
            for rank in range(size)
        ]

    def compute(self, step) -> list[torch.Tensor]:
        """What each has of the logits."""
        with ThreadPoolExecutor(len(self.models)) as threads:
            return list(threads.map(lambda model: model.compute(step), self.models))


@pytest.fixture
def split_spec(spec, make_safetensors, tmp_path):
    def making(family: str, **changes):
        fields = eight_heads(make_safetensors, tmp_path, family)
        return msgspec.structs.replace(spec, **fields, **{"precision": "float32", **changes})

    return making


@pytest.mark.parametrize("size", [2, 8])
@pytest.mark.parametrize("family", ["llama", "bloom", "opt", "gpt_neox", "mistral", "qwen2", "qwen3"])
def test_parts_compute_what_the_whole_does(split_spec, family, size):
    asked = split_spec(family)
    expected = logprobs(whole(asked).compute(reading(TOKENS)))

    found = logprobs(torch.cat(Parts(asked, size).compute(reading(TOKENS)), dim=1))

    assert found.shape == expected.shape
    assert (found - expected).abs().max() < 1e-4
    assert torch.equal(found.argmax(-1), expected.argmax(-1))


@pytest.mark.parametrize("family", ["llama", "bloom", "opt"])
def test_parts_share_weights_cache_and_vocabulary_equally(split_spec, family):
    asked = split_spec(family)
    one, parts = whole(asked), Parts(asked, 8)

    widths = [logits.shape[1] for logits in parts.compute(reading(TOKENS))]

    assert sum(widths) == read_folder(asked).architecture.vocabulary
    assert max(widths) - min(widths) == 1
    assert {model.cache_bytes for model in parts.models} == {one.cache_bytes // 8}
    # Positions that were learned are in every part.
    if family != "opt":
        assert max(model.weight_bytes for model in parts.models) < one.weight_bytes / 8 * 1.1


@pytest.mark.parametrize("precision", ["int8", "nf4", "bfloat16"])
def test_parts_can_be_quantized(split_spec, precision):
    asked = split_spec("llama", precision=precision)

    expected = logprobs(whole(asked).compute(reading(TOKENS)))
    found = logprobs(torch.cat(Parts(asked, 2).compute(reading(TOKENS)), dim=1))

    # Each part has scales of its own, so rounding differs.
    assert (found - expected).abs().mean() < 0.1


def test_a_pass_that_wants_no_logits_gets_none(split_spec):
    parts = Parts(split_spec("llama"), 2)
    assert [logits.shape[0] for logits in parts.compute(reading(TOKENS, outputs=()))] == [0, 0]


@pytest.mark.parametrize("total", [8, 261, 7])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_shares_follow_each_other_and_differ_by_one_at_most(total, size):
    shares = [bounds(total, rank, size) for rank in range(size)]
    assert [start for start, _ in shares] == [0, *(stop for _, stop in shares[:-1])]
    assert shares[-1][1] == total
    sizes = [stop - start for start, stop in shares]
    assert max(sizes) - min(sizes) <= 1


def test_plans_of_transformers_are_taken_as_they_are():
    plan = plan_of(LlamaConfig())
    assert plan["layers.*.self_attn.o_proj"] == "rowwise"
    assert plan["layers.*.self_attn.q_proj"] == "colwise"


def test_a_family_without_a_plan_is_refused():
    with pytest.raises(ConfigInvalid, match="gpt2 cannot be shared"):
        plan_of(GPT2Config())


@pytest.mark.parametrize(("heads", "kv_heads", "ranks"), [(12, 12, 8), (32, 4, 8), (32, 8, 3)])
def test_heads_are_not_divided(heads, kv_heads, ranks):
    with pytest.raises(ConfigInvalid, match="cannot be shared equally"):
        require_whole_heads(heads, kv_heads, ranks)


def test_numbers_of_ranks_that_fit_are_named():
    with pytest.raises(ConfigInvalid, match=r"Numbers that fit: 1, 2, 4\."):
        require_whole_heads(12, 4, 3)
