"""Which names a bundle's files may have."""

import pytest

from appliance.weights.bundling.names import fits

HASH = "c" * 64


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("catalogs/demo/metadata/timestamp.json", True),
        (f"catalogs/demo/targets/org/uni-x/licenses/{HASH}.{HASH}.txt", True),
        (f"catalogs/demo/targets/org/uni-x/uni-x.tiny/{HASH}.1.toml", True),
        (f"catalogs/demo/targets/{'c' * 200}", False),
        ("catalogs/demo/../metadata.json", False),
        ("catalogs/demo", False),
    ],
)
def test_a_catalogs_file_has_room_for_two_hashes_and_no_more_than_a_stick_holds(name, fitting):
    assert fits("catalog", name) is fitting
