"""Mail that leaves the box: plain text through one server, encrypted on its way, and bounded in time.

``smtplib`` blocks, so each message has a thread; what takes too long has its connection taken away.
"""

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final, Literal

from appliance.domain.clock import Clock
from appliance.errors import ConfigInvalid, OutboundFailed
from appliance.outbound.address import is_nearby
from appliance.outbound.failures import BROKEN, REFUSED, TIMEOUT, TLS, UNREACHABLE, failed
from appliance.outbound.secret_file import read_secret
from appliance.outbound.switch import Switch

MailTls = Literal["starttls", "tls", "off"]
_Plugged = Callable[[socket.socket], None]
_SILENCE_S: Final = 20.0
_TOTAL_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """``tls``: on a plain connection that is encrypted before anything is said, from its first byte, or not
    at all. ``password_file`` is used with ``user``.
    """

    host: str
    port: int
    tls: MailTls = "starttls"
    user: str = ""
    password_file: str = ""


class Mailer:
    """Sends to one list of people. Raises ``ConfigInvalid`` for a password that could be read on its way."""

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        to: tuple[str, ...],
        switch: Switch,
        total_s: float = _TOTAL_S,
        certificates: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        if server.user and server.tls == "off" and not is_nearby(server.host):
            raise ConfigInvalid("A mail password is not sent without TLS: set `smtp_tls`.", param="smtp_tls")
        self._server = server
        self._sender = sender
        self._to = to
        self._switch = switch
        self._total_s = total_s
        self._certificates = certificates

    @property
    def host(self) -> str:
        """Which server it goes through."""
        return self._server.host

    async def send(self, subject: str, text: str, clock: Clock) -> None:
        """One message to all. Raises ``Offline``, ``OutboundFailed``, ``ConfigInvalid``."""
        async with self._switch.asking("it sends no mail"):
            message = self._message(subject, text, clock)
            connection = _Connection(self._server, self._certificates)
            sending = asyncio.ensure_future(asyncio.to_thread(connection.send, message))
            try:
                done, _ = await asyncio.wait([sending], timeout=self._total_s)
            finally:
                if not sending.done():
                    connection.cut()
                    await asyncio.wait([sending])
                    with suppress(OutboundFailed, ConfigInvalid):
                        sending.result()
            if not done:
                raise failed(self._server.host, TIMEOUT)
            sending.result()

    def _message(self, subject: str, text: str, clock: Clock) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._to)
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.fromtimestamp(clock.now_ms() / 1000, UTC))
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2] or "localhost")
        # Vacation notes and the like stay away.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message


class _Connection:
    """One message's. ``cut`` may be called from another thread."""

    def __init__(self, server: MailServer, certificates: Callable[[], ssl.SSLContext]) -> None:
        self._server = server
        self._certificates = certificates
        self._cable: socket.socket | None = None
        self._is_cut = False
        self._mutex = threading.Lock()

    def send(self, message: EmailMessage) -> None:
        """Blocks. Raises ``OutboundFailed``, ``ConfigInvalid``."""
        server = self._server
        password = read_secret(server.password_file, "smtp_password_file") if server.user else ""
        with _translated(server.host):
            smtp = self._made()
            try:
                smtp.connect(server.host, server.port)
                if server.tls == "starttls":
                    smtp.starttls(context=self._certificates())
                if server.user:
                    smtp.login(server.user, password)
                smtp.send_message(message)
            finally:
                _hang_up(smtp)
                self._let_go()

    def cut(self) -> None:
        """Take the connection away, or keep it from being made: whoever waits on it hears that at once."""
        with self._mutex:
            self._is_cut = True
            if self._cable is not None:
                with suppress(OSError):
                    self._cable.shutdown(socket.SHUT_RDWR)

    def _plugged(self, sock: socket.socket) -> None:
        # The library's own socket is out of reach while it is encrypted; what is shut by its twin is shut.
        with self._mutex:
            if self._is_cut:
                sock.close()
                raise OSError("It was cut while it was made.")
            self._cable = sock.dup()

    def _let_go(self) -> None:
        with self._mutex:
            if self._cable is not None:
                self._cable.close()
                self._cable = None

    def _made(self) -> smtplib.SMTP:
        if self._server.tls == "tls":
            return _SmtpTls(self._server.host, self._plugged, self._certificates())
        return _Smtp(self._server.host, self._plugged)


class _Smtp(smtplib.SMTP):
    """Not connected yet. It knows whose certificate it wants, and ``plugged`` gets its socket before anything
    is said on it.
    """

    def __init__(self, host: str, plugged: _Plugged) -> None:
        super().__init__(timeout=_SILENCE_S)
        self._host = host
        self.plugged = plugged

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # What the library itself overrides for its kinds of connections.
        sock: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self.plugged(sock)
        return sock


class _SmtpTls(smtplib.SMTP_SSL, _Smtp):
    """The same, encrypted from the first byte."""

    def __init__(self, host: str, plugged: _Plugged, certificates: ssl.SSLContext) -> None:
        smtplib.SMTP_SSL.__init__(self, timeout=_SILENCE_S, context=certificates)
        self._host = host
        self.plugged = plugged


def _hang_up(smtp: smtplib.SMTP) -> None:
    if smtp.sock is None:
        return
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Nothing that a server said gets into a message."""
    try:
        yield
    except (
        smtplib.SMTPResponseException,
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPNotSupportedError,
    ) as error:
        raise failed(host, REFUSED) from error
    except (smtplib.SMTPException, UnicodeError) as error:
        raise failed(host, BROKEN) from error
    except TimeoutError as error:
        raise failed(host, TIMEOUT) from error
    except ssl.SSLError as error:
        raise failed(host, TLS) from error
    except OSError as error:
        raise failed(host, UNREACHABLE) from error
