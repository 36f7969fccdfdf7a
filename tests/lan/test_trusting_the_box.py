"""The lines that a laptop is given, run as they are: they trust the box, and nobody else who says so."""

import asyncio
import shutil
import sys

import pytest
from litestar.types import Receive, Scope, Send

from appliance.services.classes.trusting import trusting
from tests.edge.tiny_apps import RecordingLog, reply
from tests.lan.lan_box import HERE, LOOPBACK, ONE, settings_at
from tests.lan.test_tls_on_lan import now
from tests.required import not_run

ASKS = "import httpx, sys; print(httpx.get(sys.argv[1]).text)"


class Serves:
    """``/ca.crt`` as the pages serve it; everywhere else a word."""

    lan = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await reply(send, self.lan.authority_pem() if scope["path"] == "/ca.crt" else b"an answer")


@pytest.fixture
async def box(tmp_path):
    from appliance.wiring.lan import Lan

    app = Serves()
    settings = settings_at(tmp_path, lan_host=HERE)
    lan = Lan(settings, lambda: app, clock=now(), log=RecordingLog(), found=lambda: (LOOPBACK, ONE))
    app.lan = lan
    async with lan.open(tuple):
        yield lan


async def ran(folder, *words: str) -> tuple[int, str]:
    """In a terminal of its own, without what this one trusts."""
    done = await asyncio.create_subprocess_exec(
        *words,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(done.communicate(), 60)
    return done.returncode, said.decode()


def origin(box) -> str:
    return f"https://{HERE}:{box.reach().lan_port}"


async def test_an_unmodified_client_refuses_the_box_before(box, tmp_path):
    code, said = await ran(tmp_path, sys.executable, "-c", ASKS, origin(box))
    assert code == 1
    assert "CERTIFICATE_VERIFY_FAILED" in said


@pytest.mark.parametrize("which", ["terminal", "card"])
async def test_the_lines_for_a_shell_make_a_client_trust_the_box(box, tmp_path, which):
    for program in ("curl", "openssl"):
        if shutil.which(program) is None:
            not_run(f"{program} is not installed (scripts/test_services.sh installs it)")
    text = getattr(trusting(origin(box), box.doors.fingerprint()), which)
    code, said = await ran(tmp_path, "sh", "-ec", f"{text}\n{sys.executable} -c '{ASKS}' {origin(box)}")
    assert code == 0, said
    assert said.endswith("an answer\n")
    if which == "terminal":
        assert box.doors.fingerprint() in said


async def test_the_lines_for_python_make_a_client_trust_the_box(box, tmp_path):
    text = trusting(origin(box), box.doors.fingerprint()).python
    script = f"{text}\nimport sys; sys.argv.append({origin(box)!r}); {ASKS}"
    code, said = await ran(tmp_path, sys.executable, "-W", "ignore", "-c", script)
    assert (code, said) == (0, "an answer\n")


async def test_the_lines_for_python_stop_where_the_fingerprint_is_another(box, tmp_path):
    text = trusting(origin(box), ":".join(["AB"] * 32)).python
    code, said = await ran(tmp_path, sys.executable, "-W", "ignore", "-c", text)
    assert (code, said) == (1, "This is not the box.\n")
    assert not (tmp_path / "carrel-ca.crt").exists()


def test_the_lines_for_powershell_compare_the_fingerprint_before_anything_is_set():
    text = trusting("https://10.20.0.5:7443", "AB:CD").powershell
    assert "https://10.20.0.5:7443/ca.crt" in text
    assert text.index("'ABCD'") < text.index("SSL_CERT_FILE")


def test_an_address_is_one_word_for_the_shell():
    assert "'https://a b/ca.crt'" in trusting("https://a b", "").terminal
