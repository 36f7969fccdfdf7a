"""A value that cannot be used is refused with the setting's name, where it stands and what it may be."""

import pytest

from appliance.config import load_settings
from appliance.config.loading import Surroundings
from appliance.errors import ConfigInvalid

ORIGINS = "a list of origins such as https://lab.example, each with its scheme and without a path"
BAD = [
    ("port", "0", "a whole number from 1 to 65535"),
    ("port", "65536", "a whole number from 1 to 65535"),
    ("port", "many", "a whole number from 1 to 65535"),
    ("host", "a b", "a host name or an address"),
    ("lan_host", "lab-01", "an address of this machine such as 10.20.0.5, or empty for none"),
    ("lan_port", "0", "a whole number from 1 to 65535"),
    ("tls_cert_file", "cert.pem", "an absolute path"),
    ("mdns", "lab-01.local", "one label such as lab-01, in small letters, or empty for none"),
    ("mdns", "-lab", "one label such as lab-01, in small letters, or empty for none"),
    ("allowed_hosts", "http://lab", "a list of host names"),
    (
        "cors_origins",
        "*",
        ORIGINS,
    ),
    (
        "cors_origins",
        "https://lab/x",
        ORIGINS,
    ),
    (
        "cors_origins",
        "null",
        ORIGINS,
    ),
    ("aliases", "gpt-4o-mini", "a list of NAME=MODEL"),
    ("aliases", "a b=tiny", "a list of NAME=MODEL"),
    ("metrics_access", "all", "one of key, loopback, off, open"),
    ("models_dir", "models", "an absolute path"),
    ("run_demo", "perhaps", "true or false"),
    ("log_level", "loud", "one of debug, error, info, warning"),
    ("body_limit_bytes", "1", "a whole number from 1024 to 67108864"),
    ("prepare_timeout_s", "0", "a number above 0 up to 3600"),
    ("prepare_timeout_s", "nan", "a number above 0 up to 3600"),
    ("drain_timeout_s", "-1", "a number from 0 up to 3600"),
    ("drain_timeout_s", "inf", "a number from 0 up to 3600"),
]


@pytest.mark.parametrize(("name", "value", "may_be"), BAD)
def test_a_bad_variable_names_setting_origin_and_range(machine, name, value, may_be):
    machine.environ[f"CARREL_{name.upper()}"] = value
    with pytest.raises(ConfigInvalid) as refused:
        machine.load()
    assert refused.value.param == name
    assert f"the environment (CARREL_{name.upper()})" in refused.value.message
    assert refused.value.message.endswith(f"must be {may_be}.")


@pytest.mark.parametrize(
    "line", ["port = 0", 'port = "7411"', "port = 7411.5", "port = true", "run_demo = 1"]
)
def test_a_bad_value_in_the_file_is_refused_and_types_are_not_guessed_there(machine, line):
    machine.file.write_text(line)
    with pytest.raises(ConfigInvalid, match="in the configuration file must be"):
        machine.load()


def test_a_bad_flag_is_named_as_it_is_typed(machine):
    with pytest.raises(ConfigInvalid, match="in --port must be"):
        machine.load(port=0)


def test_an_unknown_setting_in_the_file_is_refused_with_the_nearest_known_one(machine):
    machine.file.write_text("prot = 7411")
    with pytest.raises(
        ConfigInvalid, match=r"`prot` in the configuration file \(did you mean `port`\?\)"
    ) as refused:
        machine.load()
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("text", ["port = ", "[server]\nport = 1\n", "a" * 10, "x = " + "[" * 5000])
def test_a_file_that_is_not_ours_is_refused(machine, text):
    machine.file.write_text(text)
    with pytest.raises(ConfigInvalid):
        machine.load()


def test_a_file_that_is_not_utf8_is_refused(machine):
    machine.file.write_bytes(b'host = "\xff"')
    with pytest.raises(ConfigInvalid, match="UTF-8"):
        machine.load()


def test_a_folder_in_place_of_the_file_is_refused(machine):
    machine.file.mkdir()
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        machine.load()


@pytest.mark.parametrize("environ", [{"CARREL_HOME": "relative"}, {"CARREL_MODE": "both"}])
def test_a_place_that_makes_no_sense_is_refused(machine, environ):
    with pytest.raises(ConfigInvalid):
        load_settings(Surroundings(environ, 1000, 1, machine.folders))


def test_a_home_too_deep_for_a_socket_is_refused_with_what_helps(machine):
    with pytest.raises(ConfigInvalid, match="CARREL_HOME"):
        load_settings(Surroundings({"CARREL_HOME": "/" + "d" * 100}, 1000, 1, machine.folders))
