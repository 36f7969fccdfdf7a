"""TLS as the box speaks it: 1.2 and later, forward secret, authenticated ciphers."""

import ssl
from pathlib import Path
from typing import Final

from appliance.errors import ConfigInvalid

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all sound."""


def server_context(cert_file: Path, key_file: Path | None = None) -> ssl.SSLContext:
    """With that certificate and its chain; the key is in the same file unless it is given. Raises
    ``ConfigInvalid``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    load(context, cert_file, key_file)
    return context


def load(context: ssl.SSLContext, cert_file: Path, key_file: Path | None = None) -> None:
    """Serve another certificate from the next connection on. Raises ``ConfigInvalid``; then the one before
    may be lost, so look at the files first.
    """
    try:
        # A passphrase would be asked for on the terminal.
        context.load_cert_chain(cert_file, key_file, password="")
    except (OSError, ValueError) as error:
        raise ConfigInvalid("The certificate in `tls_cert_file` cannot be served with its key.") from error
