"""`carrel help` reads the handbook that lies in the package."""

from importlib import resources


def test_every_page_is_listed_and_can_be_read(carrel):
    files = [one.name for one in (resources.files("appliance") / "handbook").iterdir()]
    listed = carrel("help", "--json").document["topics"]
    assert set(listed) == {name.removesuffix(".md") for name in files if name.endswith(".md")}
    for topic in listed:
        assert carrel("help", topic, "--json").document["text"].startswith("# ")


def test_a_page_is_printed_as_it_is_written_where_nobody_looks(carrel):
    source = (resources.files("appliance") / "handbook" / "keys.md").read_text(encoding="utf-8")
    assert carrel("help", "KEYS.md").out.rstrip() == source.rstrip()


def test_an_unknown_page_is_not_found_and_the_nearest_is_named(carrel):
    done = carrel("help", "keyss")
    assert done.code == 3
    assert "carrel help keys" in done.err


def test_a_topic_is_a_name_and_never_a_path(carrel):
    assert carrel("help", "../../pyproject.toml").code == 3
