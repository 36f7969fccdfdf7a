import pytest

from tests.sharing.labs import Box, Lab, Moment, Registry


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path, Moment())


@pytest.fixture
def lab(tmp_path, registry):
    return Lab(tmp_path / "lab", registry)


@pytest.fixture
def box(tmp_path, registry):
    """Of another lab, and enrolled at the same registry."""
    (tmp_path / "box").mkdir()
    return Box(tmp_path / "box", registry).enrolled("lab-b")


@pytest.fixture
def stranger(tmp_path, registry):
    """Enrolled nowhere."""
    (tmp_path / "stranger").mkdir()
    return Box(tmp_path / "stranger", registry)
