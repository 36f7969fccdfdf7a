"""The Runner contract over a model that two processes share."""

import msgspec
import pytest

from tests.engines.test_runner_contract import *  # noqa: F403 - the suite, over another runner

pytestmark = pytest.mark.slow


@pytest.fixture
def engine_name() -> str:
    return "torch"


@pytest.fixture
def spec(spec):
    return msgspec.structs.replace(spec, ranks=2, split="tensor", gpu_layers=0)
