"""No damaged or hostile file gets to an engine: nearly all are refused for what is in them, all by
hash.

scripts/show_hostile_files.py does the same with more of them and a box that runs.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.errors import IntegrityFailed
from appliance.weights.inspecting.__main__ import judged
from appliance.weights.inspecting.looking import look
from appliance.weights.inspecting.order import Refused
from appliance.weights.inspecting.process import InspectProcess
from appliance.weights.verifying import verify
from tests.long_form import rounds
from tests.weights.hostile import Mutation, gguf, mutants, safetensors
from tests.weights.inspected import FOLDER, GGUF, SAFETENSORS, form_of, order_of

pytestmark = pytest.mark.slow

INVISIBLE = {"bits of the weights", "bits of the header", "another dimension", "a tensor twice"}
"""May leave a file that is as sound as the original, and is not it."""


@dataclass
class Kind:
    model_id: str
    name: str
    mutations: dict[str, Mutation]


KINDS = [
    Kind("handbook-tiny@q8", GGUF, gguf.MUTATIONS),
    Kind("handbook-tiny@bf16", SAFETENSORS, safetensors.MUTATIONS),
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=["gguf", "safetensors"])


def refused_by_hash(kind: Kind, folder: Path) -> bool:
    _, form = form_of(kind.model_id)
    try:
        verify([file for file in form.files if file.name == kind.name], folder)
    except IntegrityFailed:
        return True
    return False


@each_kind
def test_every_mutant_is_refused(kind: Kind, tmp_path: Path) -> None:
    passed = Counter()
    original = (FOLDER / kind.name).read_bytes()
    for mutant in mutants(original, kind.mutations, len(kind.mutations)):
        (tmp_path / kind.name).write_bytes(mutant.contents)
        if not isinstance(judged(order_of(kind.model_id, tmp_path), look), Refused):
            passed[mutant.mutation] += 1
        assert refused_by_hash(kind, tmp_path)
    assert set(passed) <= INVISIBLE
    assert passed.total() < 8


async def reason_of(looking: Awaitable[object]) -> str:
    """Why it is refused; empty where it is not."""
    try:
        await looking
    except IntegrityFailed as error:
        return error.message
    return ""


@pytest.mark.timeout(600)
@each_kind
async def test_the_process_outlives_every_mutant(kind: Kind, tmp_path: Path) -> None:
    """Or says so: a child that crashed, hung or said nothing would give one of these reasons.

    A hundred mutants in the long form, else a quarter, in which each mutation is.
    """
    process, passed, count = InspectProcess(), 0, rounds(100)
    lost = ("did not survive", "no answer", "took over", "could not be read to an end")
    for mutant in mutants((FOLDER / kind.name).read_bytes(), kind.mutations, count, seed=7):
        await asyncio.to_thread((tmp_path / kind.name).write_bytes, mutant.contents)
        reason = await reason_of(process.look(order_of(kind.model_id, tmp_path)))
        assert not any(one in reason for one in lost), mutant.mutation
        assert reason or mutant.mutation in INVISIBLE
        passed += not reason
        assert refused_by_hash(kind, tmp_path)
    assert passed < 0.15 * count
