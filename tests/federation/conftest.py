"""A box with leases over a real database."""

import shutil

import pytest

from appliance.store.store import Store
from tests.federation.leased_box import LeasedBox, MovedClock


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """With its schema, made once: each test has a copy."""
    made = tmp_path_factory.mktemp("leases") / "carrel.db"
    Store.open(made, MovedClock()).close()
    return made


@pytest.fixture
async def box(tmp_path, empty_database):
    """Enrolled, with nothing installed and no lease."""
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(empty_database, tmp_path / "data" / "carrel.db")
    made = LeasedBox(tmp_path, tmp_path / "data" / "carrel.db")
    yield await made.open()
    made.close()
