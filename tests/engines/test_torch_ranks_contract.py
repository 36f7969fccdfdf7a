"""The Runner contract over a model that two processes share.

They take seconds to start: tests that ask for the same sizes have the same group, with no sequence open.
"""

from collections.abc import Iterator

import msgspec
import pytest

from appliance.engines.base import Runner
from appliance.engines.plugins import find_plugin
from tests.engines.test_runner_contract import *  # noqa: F403 - the suite, over another runner

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Ranks have one split, the one of ``spec`` here.
del test_how_weights_lie_on_gpus_can_be_asked_for_where_there_are_none  # noqa: F821 - of the suite


@pytest.fixture
def engine_name() -> str:
    return "torch"


@pytest.fixture
def spec(spec):
    return msgspec.structs.replace(spec, ranks=2, split="tensor", gpu_layers=0)


@pytest.fixture(scope="module")
def groups() -> Iterator[dict[frozenset, Runner]]:
    """Those that run, by what was asked for."""
    running: dict[frozenset, Runner] = {}
    yield running
    for runner in running.values():
        runner.close()


@pytest.fixture
def open_runner(groups, engine_name, spec_of):
    lent = []

    def opening(**changes) -> Runner:
        asked = frozenset(changes.items())
        if asked not in groups:
            groups[asked] = find_plugin(engine_name).open_runner(spec_of(engine_name, **changes))
        lent.append(groups[asked])
        return groups[asked]

    yield opening
    for runner in lent:
        for sequence in range(runner.facts.max_sequences):
            runner.drop(sequence)
