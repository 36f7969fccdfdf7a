"""Names in a catalog hold two hashes and more: they fit into a stick's file."""

from appliance.federation.bundling.reading import read_incoming
from appliance.federation.bundling.writing import write_incoming

HASH = "c" * 64


def test_a_license_text_of_an_organization_comes_whole(tmp_path):
    name = f"targets/org/a-university/licenses/{HASH}.{HASH}.txt"
    (tmp_path / "mirror" / name).parent.mkdir(parents=True)
    (tmp_path / "mirror" / name).write_bytes(b"You may.")
    write_incoming(tmp_path / "back.tar", [], None, tmp_path / "mirror")
    (tmp_path / "there").mkdir()
    assert read_incoming(tmp_path / "back.tar", tmp_path / "there").has_mirror
    assert (tmp_path / "there" / name).read_bytes() == b"You may."
