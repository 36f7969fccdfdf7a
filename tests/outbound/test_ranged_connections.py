"""To whom a connection goes: where names lead is looked at, certificates are checked, the proxy tunnels."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.outbound.certificates import trusted
from appliance.outbound.ranged.answers import Bytes
from appliance.outbound.ranged.asking import Asking
from appliance.outbound.ranged.connecting import Dialer, ProxyFailed
from appliance.outbound.ranged.target import RedirectRefused, target_of

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HUB = target_of("https://hub.example/x")
STORAGE = target_of("https://cdn.example/x")


def leads_to(*numbers):
    return lambda _host, port: [
        (socket.AF_INET6 if ":" in one else socket.AF_INET, one, port) for one in numbers
    ]


@pytest.mark.parametrize(
    "number", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fe80::1", "::ffff:10.0.0.1"]
)
def test_a_name_that_means_a_private_network_is_refused_behind_a_redirect(number):
    dialer = Dialer(NOBODY, resolve=leads_to(number))
    with pytest.raises(RedirectRefused, match="private network"):
        dialer.dial(STORAGE, source=HUB)


class Server:
    """Answers one connection with ``scripted``: behind the lines of a tunnel, by TLS with a context."""

    def __init__(self, scripted, context=None, tunnel=b""):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._scripted, self._context, self._tunnel = scripted, context, tunnel
        self.heard = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.close()
        self._thread.join(10)

    def _serve(self):
        sock, _ = self._listener.accept()
        try:
            if self._tunnel:
                self.heard.append(sock.recv(65536))
                sock.sendall(self._tunnel)
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            self.heard.append(sock.recv(65536))
            sock.sendall(self._scripted)
        except OSError:
            pass
        finally:
            sock.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of cdn.example, signed by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cdn.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("cdn.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "certificate.pem"


@pytest.fixture
def serving(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def trusting(certificate):
    context = ssl.create_default_context(cafile=certificate)
    # Python 3.13 asks of an authority's certificate what this one, which is its own authority, does not have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


ANSWER = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-3/9\r\nContent-Length: 3\r\n\r\nabc"


def test_a_certificate_that_nobody_vouches_for_ends_it(serving):
    with Server(ANSWER, serving) as server:
        target = target_of(f"https://cdn.example:{server.port}/x")
        with pytest.raises(ssl.SSLError):
            Dialer(trusted(), resolve=leads_to("127.0.0.1")).dial(target, source=target)


def test_a_certificate_of_another_host_ends_it(serving, certificate):
    context = trusting(certificate)
    with Server(ANSWER, serving) as server:
        target = target_of(f"https://other.example:{server.port}/x")
        with pytest.raises(ssl.SSLError):
            Dialer(context, resolve=leads_to("127.0.0.1")).dial(target, source=target)


def test_the_proxy_tunnels_to_a_name_that_only_it_resolves(serving, certificate):
    context = trusting(certificate)
    with Server(ANSWER, serving, tunnel=b"HTTP/1.1 200 Go\r\n\r\n") as proxy:
        asking = Asking(Dialer(context, f"http://127.0.0.1:{proxy.port}"), "same host")
        assert asking.ask(target_of("https://cdn.example/x"), (1, 4), 9) == Bytes(1, 4)
        got = bytearray(3)
        assert asking.read(memoryview(got)) == 3
        asking.close()
    assert got == b"abc"
    assert proxy.heard[0].startswith(b"CONNECT cdn.example:443 HTTP/1.1\r\n")
    assert b"Range: bytes=1-3\r\n" in proxy.heard[1]


def test_a_proxy_that_refuses_is_told_from_a_host_that_is_not_there():
    with Server(b"", tunnel=b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n") as proxy:
        dialer = Dialer(NOBODY, f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(ProxyFailed):
            dialer.dial(HUB, source=HUB)


def test_no_proxy_is_asked_for_a_host_nearby():
    with Server(ANSWER) as server:
        asking = Asking(Dialer(NOBODY, "http://127.0.0.1:1"), "same host")
        assert asking.ask(target_of(f"http://127.0.0.1:{server.port}/x"), (1, 4), 9) == Bytes(1, 4)
        asking.close()
