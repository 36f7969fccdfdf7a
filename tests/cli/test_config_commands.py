"""`carrel config`: what counts, why, and writing it down."""

import pytest

from appliance.config.options import FIELDS


def test_all_settings_are_listed_with_what_they_mean(carrel):
    found = carrel("config", "get", "--json").document
    assert [one["key"] for one in found["settings"]] == list(FIELDS)
    assert all(one["help"] for one in found["settings"])
    assert found["file"] == str(carrel.home / "carrel.toml")


def test_explain_names_the_winner_first_and_what_it_overrules(carrel):
    carrel("config", "set", "port", "7500")
    carrel.environ["CARREL_PORT"] = "7600"
    found = carrel("config", "explain", "port", "--json").document["settings"]
    assert [(one["origin"], one["value"]) for one in found] == [
        ("environment", "7600"),
        ("file", "7500"),
        ("default", "7411"),
    ]
    assert found[0]["detail"] == "CARREL_PORT"


@pytest.mark.parametrize("name", FIELDS)
def test_explain_knows_every_setting(carrel, name):
    found = carrel("config", "explain", name, "--json").document["settings"]
    assert [one["origin"] for one in found] == ["default"]


def test_what_get_prints_can_be_given_to_set(carrel):
    carrel("config", "set", "allowed_hosts", "a.lab,b.lab")
    (one,) = carrel("config", "get", "allowed_hosts", "--json").document["settings"]
    assert one["value"] == "a.lab,b.lab"
    assert carrel("config", "set", "allowed_hosts", one["value"]).code == 0


def test_a_variable_that_overrules_what_was_written_is_shown(carrel):
    carrel.environ["CARREL_PORT"] = "7600"
    (one,) = carrel("config", "set", "port", "7500", "--json").document["settings"]
    assert (one["origin"], one["value"]) == ("environment", "7600")


def test_a_restart_is_needed_only_while_the_box_runs(carrel, box):
    assert carrel("config", "set", "port", "7500", "--json").document["restart_needed"] is True


def test_no_restart_is_needed_while_it_is_down(carrel):
    assert carrel("config", "set", "port", "7500", "--json").document["restart_needed"] is False


@pytest.mark.parametrize("verb", [["get"], ["explain"]])
def test_an_unknown_setting_is_not_found(carrel, verb):
    done = carrel("config", *verb, "prot")
    assert done.code == 3
    assert "did you mean `port`" in done.err
