"""What students of a class may type, the best first."""

import pytest

from appliance.services.classes.reaching import Reach, name_url, urls
from tests.lan.lan_box import lesson, settings_at

API = "http://127.0.0.1:7411"
LAN = Reach(
    origins=(API,),
    lan_host="10.20.0.5",
    lan_port=7443,
    class_port=7480,
    tls_hosts=("10.20.0.5", "lab-01.local"),
    name="lab-01.local",
)
ALONE = Reach(origins=(API,), lan_host="", lan_port=7443, class_port=7480)
GIVEN = Reach(
    origins=(API,),
    lan_host="10.20.0.5",
    lan_port=7443,
    class_port=7480,
    tls_hosts=("lab.uni.example",),
    name="lab-01.local",
)
PLAIN, TLS = lesson(), lesson(plain=False)


def test_plain_http_needs_no_trust_and_comes_first_and_numbers_before_names():
    assert urls(PLAIN, LAN, "10.20.0.5") == (
        "http://10.20.0.5:7480",
        "http://lab-01.local:7480",
        "https://10.20.0.5:7443",
        "https://lab-01.local:7443",
    )


def test_without_plain_http_there_is_tls_alone():
    assert urls(TLS, LAN, "") == ("https://10.20.0.5:7443", "https://lab-01.local:7443")


def test_a_box_on_no_network_has_the_address_of_its_api():
    assert urls(TLS, ALONE, "") == (API,)
    assert urls(PLAIN, ALONE, "10.20.0.5") == ("http://10.20.0.5:7480",)
    assert name_url(PLAIN, ALONE, "10.20.0.5") == ""


def test_a_given_certificate_is_reached_by_its_own_name():
    assert urls(TLS, GIVEN, "")[0] == "https://lab.uni.example:7443"
    assert name_url(TLS, GIVEN, "") == "https://lab.uni.example:7443"


@pytest.mark.parametrize(
    ("at", "expected"),
    [("10.20.0.5", "http://lab-01.local:7480"), ("10.30.0.5", "https://lab-01.local:7443")],
)
def test_the_name_of_plain_http_is_published_on_the_box_s_own_network_alone(at, expected):
    assert name_url(PLAIN, LAN, at) == expected


def test_an_address_of_version_six_is_in_brackets():
    six = Reach((API,), "fd00::5", 7443, 7480, ("fd00::5",))
    assert urls(PLAIN, six, "fd00::5") == ("http://[fd00::5]:7480", "https://[fd00::5]:7443")


@pytest.mark.parametrize(
    ("host_name", "label"),
    [
        ("lab-01", "lab-01"),
        ("Lab-01.uni.example", "lab-01"),
        ("my_old box", "my-old-box"),
        ("localhost", "carrel"),
        ("", "carrel"),
        ("x" * 90, "x" * 60),
    ],
)
def test_the_host_s_name_is_made_one_label(host_name, label):
    from appliance.config.lan_options import one_label

    assert one_label(host_name) == label


def test_the_name_is_the_host_s_until_it_is_set_and_can_be_set_to_none(tmp_path):
    (tmp_path / "carrel.toml").write_text("")
    assert settings_at(tmp_path, mdns=None).mdns == "lab-01"
    (tmp_path / "carrel.toml").write_text('mdns = ""\n')
    assert settings_at(tmp_path, mdns=None).mdns == ""
