"""Alerts go on the ways that are set, and a way that cannot be used keeps the box from starting."""

import pytest

from appliance.config import Surroundings, UserFolders, load_settings
from appliance.errors import ConfigInvalid
from appliance.outbound.switch import Switch
from appliance.wiring.alerting import ways
from tests.services.conftest import StillClock


@pytest.fixture
def named(tmp_path):
    """The names of the ways of a box with these settings."""

    def of(**settings):
        environ = {"CARREL_HOME": str(tmp_path)}
        environ |= {f"CARREL_{name.upper()}": value for name, value in settings.items()}
        folders = UserFolders(tmp_path, tmp_path, tmp_path, tmp_path)
        around = Surroundings(environ=environ, uid=1000, cores=2, folders=folders)
        return [one.name for one in ways(load_settings(around), Switch(), StillClock())]

    return of


def test_without_settings_there_is_no_way(named):
    assert named() == []
    assert named(smtp_host="mail.lab") == []
    assert named(alert_mail_to="a@lab.example") == []


def test_each_way_is_named_after_whom_it_goes_through(named):
    both = {
        "smtp_host": "mail.lab",
        "alert_mail_to": "a@lab.example",
        "alert_webhook": "https://b.lab:8443/x",
    }
    assert named(**both) == ["mail through mail.lab", "webhook at b.lab:8443"]


@pytest.mark.parametrize(
    "settings",
    [
        {"alert_webhook": "http://lab.example/hook"},
        {"alert_webhook": "https://lab.example/../hook"},
        {"smtp_host": "mail.lab", "alert_mail_to": "a@b.c", "smtp_user": "u", "smtp_tls": "off"},
        {"alert_mail_to": "not an address"},
        {"alert_mail_from": "a@b\nBcc: c@d"},
    ],
)
def test_what_cannot_be_used_is_told_at_the_start(named, settings):
    with pytest.raises(ConfigInvalid):
        named(**settings)
