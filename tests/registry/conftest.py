import shutil

import pytest

from appliance.registry.store.opening import open_database
from tests.registry.desks import DeskForTests
from tests.registry.postgres_server import running_server


@pytest.fixture(scope="session")
def postgres():
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def made_database(tmp_path_factory):
    """A file of SQLite with every table, to be copied."""
    path = tmp_path_factory.mktemp("registry") / "made.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request, tmp_path):
    """Of a database with nothing in it: each test that asks runs over both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/registry.db"
    return request.getfixturevalue("postgres").fresh()


@pytest.fixture
def database(database_url, made_database):
    """With its tables. What it says is on the disk need not be, in tests of other things."""
    if database_url.startswith("sqlite"):
        shutil.copyfile(made_database, database_url.removeprefix("sqlite:///"))
    opened = open_database(database_url)
    if database_url.startswith("sqlite"):
        opened._writer.execute("PRAGMA synchronous = OFF")
    yield opened
    opened.close()


@pytest.fixture
def desk(database):
    return DeskForTests(database)
