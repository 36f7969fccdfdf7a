from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.config import Settings, Surroundings, UserFolders, load_settings


class Machine:
    """A process's surroundings that a test sets, with CARREL_HOME in a temporary folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"CARREL_HOME": str(home)}
        self.uid = 1000
        self.cores = 4
        user = home / "user"
        self.folders = UserFolders(user / "config", user / "data", user / "state", user / "log")

    @property
    def file(self) -> Path:
        return self.home / "carrel.toml"

    def around(self) -> Surroundings:
        return Surroundings(self.environ, self.uid, self.cores, self.folders)

    def load(self, **flags: object) -> Settings:
        return load_settings(self.around(), flags)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def machines(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Machine]:
    return lambda: Machine(tmp_path_factory.mktemp("m"))
