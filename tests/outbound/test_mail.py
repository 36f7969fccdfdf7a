"""Mail goes through a real server: encrypted before anything is said, a password from a file, in time."""

import asyncio
import socket
import threading

import pytest

from appliance.errors import ConfigInvalid, Offline, OutboundFailed
from appliance.outbound.mail import Mailer, MailServer
from appliance.outbound.switch import Switch
from tests.outbound.mail_servers import PASSWORD, USER, MailBox, certificate, mail_server
from tests.services.conftest import StillClock

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
"""The server's library does not know encryption from the first byte from none."""


@pytest.fixture
def box():
    return MailBox()


@pytest.fixture(scope="module")
def contexts(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def password(tmp_path):
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return str(path)


def mailer(port, contexts=None, *, tls="off", user="", password="", **more):
    server = MailServer("127.0.0.1", port, tls, user, password)
    trusted = {} if contexts is None else {"certificates": lambda: contexts[1]}
    given = {"sender": "box@lab.example", "to": ("a@lab.example", "b@lab.example"), "switch": Switch()}
    return Mailer(server, **(given | trusted | more))


async def send(one):
    await one.send("[carrel] warn: disk", "100 MiB are free.\nNext step: carrel doctor", StillClock())


async def test_one_mail_goes_to_everybody(box):
    async with mail_server(box) as port:
        await send(mailer(port))
    ((sender, people, text),) = box.came
    assert (sender, people) == ("box@lab.example", ["a@lab.example", "b@lab.example"])
    assert "Subject: [carrel] warn: disk" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "Date: Mon, 21 Sep 2026" in text
    assert text.rstrip().endswith("Next step: carrel doctor")


@pytest.mark.parametrize("way", ["starttls", "tls"])
async def test_it_is_encrypted_before_password_and_mail_are_sent(box, contexts, password, way):
    async with mail_server(box, **{way: contexts[0]}, auth=True) as port:
        await send(mailer(port, contexts, tls=way, user=USER, password=password))
    assert box.encrypted == [True]


async def test_a_server_without_encryption_gets_nothing_where_it_is_wanted(box, contexts):
    async with mail_server(box) as port:
        with pytest.raises(OutboundFailed) as refused:
            await send(mailer(port, contexts, tls="starttls"))
    assert refused.value.trouble == "refused"
    assert box.came == []


async def test_a_certificate_that_is_not_trusted_gets_nothing(box, contexts):
    async with mail_server(box, starttls=contexts[0]) as port:
        with pytest.raises(OutboundFailed) as refused:
            await send(mailer(port, tls="starttls"))
    assert refused.value.trouble == "tls"
    assert box.came == []


async def test_a_wrong_password_is_told_without_the_server_s_words(box, contexts, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("another")
    async with mail_server(box, starttls=contexts[0], auth=True) as port:
        with pytest.raises(OutboundFailed) as refused:
            await send(mailer(port, contexts, tls="starttls", user=USER, password=str(wrong)))
    assert refused.value.message == "127.0.0.1 refused what was sent. Try again later."


async def test_a_refused_mail_is_told_without_the_server_s_words(box):
    box.refuses = True
    async with mail_server(box) as port:
        with pytest.raises(OutboundFailed) as refused:
            await send(mailer(port))
    assert "reason of mine" not in refused.value.message


async def test_a_password_file_that_is_not_there_is_named_by_its_setting(box, contexts, tmp_path):
    async with mail_server(box, starttls=contexts[0], auth=True) as port:
        with pytest.raises(ConfigInvalid) as refused:
            await send(mailer(port, contexts, tls="starttls", user=USER, password=str(tmp_path / "none")))
    assert "`smtp_password_file`" in refused.value.message
    assert str(tmp_path) not in refused.value.message


def test_no_password_goes_to_a_far_server_without_encryption():
    with pytest.raises(ConfigInvalid, match="smtp_tls"):
        Mailer(
            MailServer("mail.example", 25, "off", "u", "/p"), sender="a@b.c", to=("a@b.c",), switch=Switch()
        )


async def test_a_box_that_is_offline_opens_no_connection(box):
    async with mail_server(box) as port:
        with pytest.raises(Offline):
            await send(mailer(port, switch=Switch(setting=True)))


@pytest.mark.parametrize("way", ["off", "tls"])
async def test_a_mail_on_its_way_is_cut_when_the_box_goes_offline(contexts, way):
    """Also in the middle of agreeing on keys."""
    switch, heard = Switch(), asyncio.Event()
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def silent():
            connection, _ = listening.accept()
            with connection:
                if way == "tls":
                    assert connection.recv(1)
                loop.call_soon_threadsafe(heard.set)
                while connection.recv(4096):
                    pass

        thread = threading.Thread(target=silent)
        thread.start()
        one = mailer(listening.getsockname()[1], contexts, switch=switch, tls=way)
        sending = asyncio.create_task(send(one))
        await heard.wait()
        await switch.set(True, "ann", 1)
        async with asyncio.timeout(10):
            with pytest.raises(Offline, match="sends no mail"):
                await sending
        await asyncio.to_thread(thread.join)


async def test_nobody_there_is_told():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(OutboundFailed) as refused:
            await send(mailer(unused.getsockname()[1]))
    assert refused.value.trouble == "unreachable"


async def test_a_server_that_never_gets_to_the_point_is_left():
    """It says a letter now and then, so that no single wait is long."""
    left = threading.Event()

    def drip(listening):
        connection, _ = listening.accept()
        with connection:
            while not left.wait(0.02):
                try:
                    connection.sendall(b"2")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        with pytest.raises(OutboundFailed) as refused:
            await send(mailer(listening.getsockname()[1], total_s=0.3))
        left.set()
        thread.join()
    assert refused.value.trouble == "timeout"
