"""No setting is a secret, so settings may be logged; secrets of the environment stay out of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.config import Surroundings, UserFolders, load_settings
from appliance.config.options import FIELDS
from appliance.config.process import gateway_environment, student_key, surroundings

SECRET_NAMES = st.sampled_from(
    ["OPENAI_API_KEY", "CARREL_API_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "GITHUB_TOKEN", "PGPASSWORD"]
)
SECRETS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=16, max_size=40)


@given(secrets=st.dictionaries(SECRET_NAMES, SECRETS, min_size=1), known=st.sampled_from(sorted(FIELDS)))
def test_settings_never_show_a_secret_of_the_environment(tmp_path_factory, secrets, known):
    home = tmp_path_factory.getbasetemp()
    around = Surroundings(
        {"CARREL_HOME": str(home), "PATH": "/bin", f"CARREL_{known.upper()}": "", **secrets},
        uid=1000,
        cores=2,
        folders=UserFolders(home, home, home, home),
    )
    shown = repr(load_settings(around))
    assert not [secret for secret in secrets.values() if secret in shown]
    assert not set(secrets.values()) & set(gateway_environment(around.environ, {}).values())


def test_no_setting_is_named_like_a_secret_but_for_the_name_of_a_file():
    assert not [
        name
        for name in FIELDS
        if not name.endswith("_file")
        and any(word in name.split("_") for word in ("key", "token", "secret", "password"))
    ]


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({}, None),
        ({"OPENAI_API_KEY": "sk-of-another-service"}, None),
        ({"OPENAI_API_KEY": " crl_own "}, "crl_own"),
        ({"CARREL_API_KEY": "anything", "OPENAI_API_KEY": "crl_other"}, "anything"),
    ],
)
def test_a_key_of_another_service_is_never_taken_for_ours(environ, key):
    assert student_key(environ) == key


def test_a_gateway_in_the_background_gets_the_flags_as_variables():
    environ = {"PATH": "/bin", "CARREL_HOME": "/h", "CARREL_API_KEY": "crl_1", "SSH_AUTH_SOCK": "/s"}
    flags = {"port": 7500, "run_demo": True, "host": None, "log_to_terminal": False}
    assert gateway_environment(environ, flags) == {
        "PATH": "/bin",
        "CARREL_HOME": "/h",
        "CARREL_PORT": "7500",
        "CARREL_RUN_DEMO": "true",
        "CARREL_LOG_TO_TERMINAL": "false",
    }


def test_this_process_has_surroundings():
    around = surroundings()
    assert around.environ["PATH"]
    assert around.cores >= 1
