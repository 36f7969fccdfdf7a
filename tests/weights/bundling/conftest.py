import pytest

from tests.weights.bundling.sticks import Sender


@pytest.fixture
def sender(tmp_path):
    return Sender(tmp_path)


@pytest.fixture
def bundle(sender):
    """A finished bundle's folder."""
    sender.make()
    return sender.bundle
