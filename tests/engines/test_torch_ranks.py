"""A model over several processes, which find each other and add up what each computed."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from appliance.errors import ConfigInvalid, ReplicaFailed
from tests.required import require_torch

require_torch()

import torch  # noqa: E402 - only where it is installed

from appliance.engines.torch.computing import Group, Pass  # noqa: E402
from appliance.engines.torch.ranks.group import RankGroup  # noqa: E402
from tests.engines.splittable import TOKENS, eight_heads, logprobs, reading, whole  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def shared_spec(spec, make_safetensors, tmp_path):
    def making(family: str, ranks: int, **changes):
        fields = eight_heads(make_safetensors, tmp_path, family)
        shared = {"precision": "float32", "split": "tensor", "gpu_layers": 0, "ranks": ranks}
        return msgspec.structs.replace(spec, **fields, **{**shared, **changes})

    return making


@pytest.fixture
def open_group() -> Iterator:
    opened = []

    def opening(asked) -> RankGroup:
        opened.append(RankGroup(asked))
        return opened[-1]

    yield opening
    for group in opened:
        group.close()


def answers(computer, cells_per_slot: int) -> torch.Tensor:
    """Log-probabilities of a prompt, and of two answers to it in slots of their own."""
    computer.compute(reading(TOKENS, outputs=()))
    told = [logprobs(computer.compute(reading(TOKENS)))]
    length = len(TOKENS)
    here = tuple(range(length))
    computer.copy(here, tuple(cells_per_slot + place for place in here))
    for step, tokens in enumerate([(65, 66), (67, 68), (69, 70)]):
        at = length + step
        both = Pass(
            tokens, (at, at), (at, cells_per_slot + at), (Group(0, 1, (at, at), first_slot=0),), (0, 1)
        )
        told.append(logprobs(computer.compute(both)))
    return torch.cat(told)


@pytest.mark.parametrize(("family", "ranks"), [("llama", 4), ("bloom", 2), ("opt", 2)])
def test_a_group_computes_what_one_process_does(shared_spec, open_group, family, ranks):
    asked = shared_spec(family, ranks, kv_layout="split", kv_tokens=1024)
    expected = answers(whole(asked), asked.context_tokens)

    group = open_group(asked)
    found = answers(group, asked.context_tokens)

    assert (found - expected).abs().max() < 1e-4
    assert torch.equal(found.argmax(-1), expected.argmax(-1))
    assert group.cache_bytes == whole(asked).cache_bytes


def test_a_group_in_int8_computes_nearly_what_one_process_does(shared_spec, open_group):
    asked = shared_spec("llama", 2, precision="int8")

    expected = logprobs(whole(asked).compute(reading(TOKENS)))
    found = logprobs(open_group(asked).compute(reading(TOKENS)))

    assert (found - expected).abs().mean() < 0.1


def children() -> set[str]:
    return {
        child for listed in Path("/proc/self/task").glob("*/children") for child in listed.read_text().split()
    }


def test_closing_leaves_no_process_no_file_and_no_descriptor(shared_spec):
    before = children(), set(Path("/dev/shm").iterdir())
    group = RankGroup(shared_spec("llama", 2))
    group.compute(reading(TOKENS))
    assert len(children()) == len(before[0]) + 1
    group.close()
    assert (children(), set(Path("/dev/shm").iterdir())) == before


def test_a_group_that_cannot_be_leaves_no_process(shared_spec):
    before = children()
    with pytest.raises(ConfigInvalid, match="cannot be shared equally by 3"):
        RankGroup(shared_spec("llama", 3))
    assert children() == before


def test_a_rank_that_cannot_load_says_why(shared_spec, tmp_path):
    asked = shared_spec("llama", 2)
    weights = tmp_path / "model.safetensors"

    def spoil(part: float) -> None:
        # The other one has its libraries to import first.
        if part == 1:
            weights.write_bytes(b"")

    before = children()
    with pytest.raises(ReplicaFailed, match=r"model\.safetensors"):
        RankGroup(asked, spoil)
    assert children() == before
