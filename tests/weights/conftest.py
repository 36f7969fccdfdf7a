import hashlib
from pathlib import Path

import pytest

from appliance.domain.recipe import RecipeFile

CONTENTS = bytes(range(256)) * 20_000
"""5 MB: more than one read of any hashing loop."""


@pytest.fixture
def contents() -> bytes:
    return CONTENTS


@pytest.fixture
def weights(tmp_path: Path) -> RecipeFile:
    (tmp_path / "model.gguf").write_bytes(CONTENTS)
    return RecipeFile("model.gguf", len(CONTENTS), hashlib.sha256(CONTENTS).hexdigest())
