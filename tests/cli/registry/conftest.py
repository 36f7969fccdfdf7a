"""A registry that the command line is about, and a box that was let in."""

import pytest

from tests.registry.hosted import enrolled
from tests.registry.registries import Standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"))


@pytest.fixture
def at(standing, tmp_path):
    return standing.copied_to(tmp_path).folder.at


@pytest.fixture
def registry(carrel, at):
    """``carrel registry …`` and its document."""

    def run(*words):
        done = carrel("registry", *words, "--json")
        assert done.code == 0, done.err
        return done.document

    return run


@pytest.fixture
def box(registry, at):
    """One that was let in."""
    return enrolled(at, registry("code", "--institution", "North College", "--organization", "north")["text"])
