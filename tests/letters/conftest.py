import shutil

import pytest

from appliance.registry.store.opening import open_database
from appliance.store.store import Store
from tests.letters.labs import Lab, TwoLabs
from tests.registry.desks import DeskForTests, TurnedClock


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """Databases with nothing in them: to copy one is quicker than to make one."""
    folder = tmp_path_factory.mktemp("empty")
    open_database(f"sqlite:///{folder}/registry.db").close()
    Store.open(folder / "carrel.db", TurnedClock()).close()
    return folder


@pytest.fixture
def desk(tmp_path, empty):
    shutil.copy(empty / "registry.db", tmp_path)
    database = open_database(f"sqlite:///{tmp_path}/registry.db")
    yield DeskForTests(database, tmp_path)
    database.close()


@pytest.fixture
async def make_lab(desk, tmp_path, empty):
    """Enrolls and opens one more box."""
    opened = []

    async def make(institution, organization=""):
        folder = tmp_path / f"box-{len(opened)}"
        (folder / "data").mkdir(parents=True, mode=0o700)
        shutil.copy(empty / "carrel.db", folder / "data")
        opened.append(await Lab(desk, folder, institution, organization).open())
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
async def labs(desk, make_lab):
    return TwoLabs(desk, await make_lab("North College", "north"), await make_lab("South College"))
