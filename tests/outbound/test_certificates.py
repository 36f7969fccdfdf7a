"""Whom the box takes for who they say they are, and what is wrong when it cannot get that far."""

import socket
import ssl

import httpx
import pytest

from appliance.errors import ConfigInvalid, OutboundFailed
from appliance.outbound.certificates import MOST_BYTES, trusted
from appliance.outbound.failures import translated
from tests.outbound.mail_servers import certificate


def test_a_file_adds_to_what_is_trusted_anyway(tmp_path):
    certificate(tmp_path)
    plain, more = trusted(), trusted(str(tmp_path / "server.pem"))
    assert len(more.get_ca_certs()) == len(plain.get_ca_certs()) + 1
    assert more.verify_mode is ssl.CERT_REQUIRED
    assert more.check_hostname


def test_a_file_that_holds_no_certificate_is_named(tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    with pytest.raises(ConfigInvalid, match=r"`ca_file`.*no certificate"):
        trusted(str(file))


def test_a_file_that_is_missing_or_too_large_is_named(tmp_path):
    with pytest.raises(ConfigInvalid, match="No such file"):
        trusted(str(tmp_path / "missing"))
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ConfigInvalid, match="too large"):
        trusted(str(tmp_path / "large"))


def caused_by(cause):
    error = httpx.ConnectError("words of a library")
    error.__cause__ = RuntimeError()
    error.__cause__.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "proxied", "trouble"),
    [
        (socket.gaierror(-2, "unknown"), False, "dns"),
        (socket.gaierror(-2, "unknown"), True, "proxy"),
        (ssl.SSLCertVerificationError("self-signed"), False, "tls"),
        (ssl.SSLCertVerificationError("self-signed"), True, "tls"),
        (ConnectionRefusedError(), False, "unreachable"),
        (ConnectionRefusedError(), True, "proxy"),
        (None, False, "unreachable"),
    ],
)
def test_what_keeps_a_connection_from_being_made_is_told_apart(cause, proxied, trouble):
    with pytest.raises(OutboundFailed) as failure, translated("there", proxied=proxied):
        raise caused_by(cause)
    assert failure.value.trouble == trouble
    assert "library" not in failure.value.message
