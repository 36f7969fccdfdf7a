"""`carrel where` tells where the box lies and how large it is, with or without a gateway."""

import os


def places(carrel):
    return {one["name"]: one for one in carrel("where", "--json").document["places"]}


def test_every_place_is_told_before_there_is_anything(carrel):
    found = places(carrel)
    assert set(found) == {"configuration", "data", "models", "log", "socket"}
    assert {one["size_bytes"] for one in found.values()} == {None}
    assert found["data"]["path"] == str(carrel.home / "data")


def test_a_folder_is_as_large_as_all_files_in_it_each_once(carrel):
    folder = carrel.home / "models" / "olmo"
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(b"x" * 1000)
    os.link(folder / "weights", folder.parent / "the-same")
    (folder.parent / "other").write_bytes(b"x" * 24)
    assert places(carrel)["models"]["size_bytes"] == 1024


def test_models_that_lie_elsewhere_are_found_there(carrel):
    (carrel.home / "elsewhere").mkdir()
    carrel("config", "set", "models_dir", str(carrel.home / "elsewhere"))
    found = places(carrel)
    assert found["models"]["path"] == str(carrel.home / "elsewhere")
    assert found["configuration"]["size_bytes"] > 0


def test_a_person_gets_a_line_a_place(carrel):
    told = carrel("where").out.splitlines()
    assert [line.split()[0] for line in told[1:6]] == ["configuration", "data", "models", "log", "socket"]
    assert told[-1] == "The places are those of mode home."
