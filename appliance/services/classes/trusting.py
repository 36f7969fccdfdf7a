"""How a laptop comes to trust the box's own authority: the text that cards and pages have."""

import shlex
from dataclasses import dataclass
from typing import Final

FILE: Final = "carrel-ca.crt"
PATH: Final = "/ca.crt"


@dataclass(frozen=True, slots=True)
class Trusting:
    """To be pasted. ``terminal`` is a POSIX one; ``card`` is the shortest, for beside the fingerprint. What
    brings the file cannot vouch for it: people compare the fingerprint, and ``python`` does by itself.
    """

    terminal: str
    powershell: str
    python: str
    card: str


def trusting(origin: str, fingerprint: str) -> Trusting:
    """``origin`` is where the box is reached; ``fingerprint`` the SHA-256 of its authority."""
    url = origin.rstrip("/") + PATH
    return Trusting(
        terminal=_terminal(url, fingerprint),
        powershell=_powershell(url, fingerprint),
        python=_python(url, fingerprint),
        card=f"curl -sSk {shlex.quote(url)} -o {FILE}\nexport SSL_CERT_FILE=$PWD/{FILE}",
    )


def _terminal(url: str, fingerprint: str) -> str:
    return f"""\
curl -sSk {shlex.quote(url)} -o {FILE}
openssl x509 -in {FILE} -noout -fingerprint -sha256
# It has to be {fingerprint}
export SSL_CERT_FILE="$PWD/{FILE}"          # Python, curl, llm
export NODE_EXTRA_CA_CERTS="$PWD/{FILE}"    # JavaScript
export CURL_CA_BUNDLE="$PWD/{FILE}"         # R"""


def _powershell(url: str, fingerprint: str) -> str:
    return f"""\
curl.exe -sSk '{url}' -o {FILE}
$ca = [Security.Cryptography.X509Certificates.X509Certificate2]::new("$PWD\\{FILE}")
$ca.GetCertHashString('SHA256') -eq '{fingerprint.replace(":", "")}'   # it has to say True
$env:SSL_CERT_FILE = "$PWD\\{FILE}\""""


def _python(url: str, fingerprint: str) -> str:
    return f"""\
import hashlib, os, ssl, urllib.request
unchecked = ssl._create_unverified_context()  # what is fetched is compared below
pem = urllib.request.urlopen({url!r}, context=unchecked).read().decode()
found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
if found != {fingerprint.replace(":", "").lower()!r}:
    raise SystemExit("This is not the box.")
open({FILE!r}, "w").write(pem)
os.environ["SSL_CERT_FILE"] = os.path.abspath({FILE!r})"""
