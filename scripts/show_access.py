"""From application to revocation: the form by which OPT-175B was given out, end to end, by commands only.

    python scripts/show_access.py [--keep] [--out FILE]

A fresh box with a model of the same tier and under the same license block as recipes/opt-175b.toml; its
files are the demo model's. Ada applies, a reviewer decides, the institution and she accept the license, the
registry leases and countersigns, she uses it, a request of hers is drawn for a spot check, and the grant is
taken back while streams run. Before each step she asks the model, and what the box answers is printed.
"""

import argparse
import asyncio
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from appliance.client.admin import AdminClient  # noqa: E402 - the repository need not be installed
from scripts.registry_sign import countersignature, lease, make_key  # noqa: E402

MODEL = "opt-175b-stand-in"
STREAMS = 2
QUESTION = {"role": "user", "content": "How do I make a key?"}
DAY_S = 86_400


@dataclass
class Show:
    """A box in ``folder``; ``told`` is what was printed."""

    folder: Path
    port: int
    told: list[str] = field(default_factory=list)
    key: str = ""
    started_s: float = field(default_factory=time.monotonic)

    @property
    def env(self) -> dict[str, str]:
        own = {
            "CARREL_HOME": str(self.folder / "box"),
            "CARREL_PORT": str(self.port),
            "CARREL_WORKER_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
        }
        return {**os.environ, **own}

    def say(self, text: str) -> None:
        lines = "\n".join(line.rstrip() for line in text.split("\n"))
        self.told.append(lines)
        print(lines, flush=True)

    def chapter(self, title: str) -> None:
        self.say(f"\n== {title}")

    def carrel(self, *words: str, code: int = 0) -> str:
        """Print a command and what it says; it has to end with ``code``."""
        shown = " ".join(f'"{one}"' if " " in one else one for one in words)
        self.say(f"\n$ carrel {shown.replace(str(self.folder), '…')}")
        done = subprocess.run(
            (sys.executable, "-m", "appliance", *words), env=self.env, capture_output=True, text=True,
            check=False, cwd="/",
        )  # fmt: skip
        self.say((done.stdout + done.stderr).strip().replace(str(self.folder), "…"))
        if done.returncode != code:
            sys.exit(f"`carrel {shown}` ended with {done.returncode} and not with {code}")
        if code:
            self.say(f"(exit code {code})")
        return done.stdout

    def asked(self, *words: str) -> dict:
        """A command's document, printed as a command alone."""
        done = subprocess.run(
            (sys.executable, "-m", "appliance", *words, "--json"), env=self.env, capture_output=True,
            text=True, check=False, cwd="/",
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{words}: {done.stderr}")
        return json.loads(done.stdout)

    # ---- Ada, with her key ----

    def http(self, method: str, path: str, body: dict | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.request(
            method, f"http://127.0.0.1:{self.port}/v1/{path}", json=body, headers=headers, timeout=60
        )

    def posts(self, path: str, body: dict) -> dict:
        self.say(f"\nAda: POST /v1/{path} {json.dumps(body)}")
        answer = self.http("POST", path, body)
        if answer.status_code != 200:
            sys.exit(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def asks(self, rule: str) -> None:
        """She asks the model; ``rule`` is what stands against it, empty where it has to answer."""
        body = {"model": MODEL, "messages": [QUESTION], "max_tokens": 40}
        answer = self.http("POST", "chat/completions", body)
        self.say(f"\nAda asks the model: {answer.status_code}")
        if answer.status_code == 200:
            self.say(f"  {answer.json()['choices'][0]['message']['content']}")
            found = ""
        else:
            error = answer.json()["error"]
            found = error.get("license", {}).get("lacks") or error.get("rule", {}).get("name", "?")
            waits_for = error.get("rule", {}).get("waits_for")
            self.say(f"  {error['code']}, {found}{f', waits for: {waits_for}' if waits_for else ''}")
            self.say(f"  {error['message']}")
        if found != rule:
            sys.exit(f"expected {rule or 'an answer'} and not {found or 'an answer'}")


def prepare(show: Show) -> None:
    show.chapter("A box with the stand-in, approved by the lab")
    models = show.folder / "box" / "models" / MODEL
    models.mkdir(parents=True)
    shutil.copy(ROOT / "recipes/handbook-tiny/handbook-tiny-q8_0.gguf", models)
    (show.folder / "stand-in.toml").write_text(recipe())
    show.carrel("recipe", "approve", str(show.folder / "stand-in.toml"), "--who", "the lab")
    trusted = show.folder / "box" / "registry-keys"
    trusted.mkdir(parents=True)
    # Without any registry the reviewer's word would stand alone.
    shutil.copy(make_key(show.folder / "registry"), trusted)
    show.carrel("up")
    show.carrel("project", "new", "bias", "--purpose", "How language models speak of groups of people.")
    show.carrel("person", "new", "rev", "--name", "A reviewer", "--role", "reviewer", "--login", login())
    show.carrel("person", "new", "ada", "--project", "bias")
    show.say("\n$ carrel key new laptop --person ada --project bias")
    show.key = show.asked("key", "new", "laptop", "--person", "ada", "--project", "bias")["key"]
    show.carrel("license", "show", MODEL)


def apply(show: Show) -> str:
    show.chapter("Ada applies")
    show.asks("acceptance")
    show.carrel("model", "run", MODEL, code=4)
    show.carrel("agreement", "show", "access")
    digits = show.asked("agreement", "show", "access")["text_sha256"][:12]
    show.carrel(
        "access", "apply", "--person", "ada", "--project", "bias", "--model", MODEL,
        "--affiliation", "A university", "--intended-use", "Measure bias in 10,000 templated prompts.",
        "--publications", "none yet", "--agreement", digits, "--days", "90",
    )  # fmt: skip
    [waiting] = show.asked("access", "mine", "--person", "ada")["applications"]
    return waiting["id"]


def review(show: Show, application: str) -> str:
    show.chapter("A reviewer looks and decides")
    show.carrel("access", "queue")
    show.carrel("access", "show", application)
    show.carrel(
        "access", "decide", application, "--approve", "--days", "30",
        "--conditions", "Outputs are not published without the reviewer.", "--reason", "A sound plan.",
    )  # fmt: skip
    show.carrel("access", "list")
    return show.asked("access", "list")["grants"][0]["id"]


def permit(show: Show, grant: str) -> None:
    show.chapter("The license is accepted, leased and countersigned; each refusal says what is missing")
    show.asks("acceptance")
    sha256 = show.asked("license", "show", MODEL)["terms"]["text_sha256"]
    show.carrel(
        "license", "accept", MODEL, "--text", sha256[:12], "--who", "The head of the lab",
        "--authority", "head of the lab", "--purpose", "non-commercial research",
    )  # fmt: skip
    show.asks("lease")
    show.carrel("model", "run", MODEL, code=4)
    registry = show.folder / "registry"
    show.carrel("license", "leases")
    box = show.asked("license", "leases")["box"]
    (show.folder / "lease.jwt").write_text(lease(registry, box, MODEL, life_s=30 * DAY_S, grace_s=14 * DAY_S))
    show.carrel("license", "lease", str(show.folder / "lease.jwt"))
    show.asks("personal_acceptance")
    body = {"model": MODEL, "text_sha256": sha256[:12], "purpose": "a study of bias"}
    show.say(f"  state: {show.posts('me/licenses', body)['state']}")
    show.asks("agreement")
    shown = show.posts("me/agreement/show", {})
    show.say(shown["text"])
    signed = show.posts("me/agreement/sign", {"text": shown["text_sha256"][:12]})
    show.say(f"  {signed['id']}: {signed['kind']}, by {signed['who']}")
    show.asks("countersignature")
    named = {"grant": grant, "project": "bias", "model": MODEL}
    token = countersignature(registry, box, **named, life_s=30 * DAY_S)
    (show.folder / "yes.jwt").write_text(token)
    show.carrel("access", "countersign", str(show.folder / "yes.jwt"))


def use(show: Show) -> None:
    show.chapter("It is used")
    show.carrel("sample", "set", "--tier", "restricted", "--rate", "1/1")
    show.carrel("model", "run", MODEL)
    show.asks("")
    mine = show.http("GET", "me").json()
    own = [one for one in mine["access"] if one["model"] == MODEL]
    show.say(f"\nAda: GET /v1/me, `access`:\n  {json.dumps(own)}")


def spot_check(show: Show) -> None:
    show.chapter("A spot check")
    found = show.asked("sample", "list")["samples"]
    if not found:
        sys.exit("no request was drawn")
    show.carrel("sample", "list")
    show.carrel("sample", "decide", found[0]["id"], "fits", "--reason", "As declared.")


async def revoke(show: Show) -> None:
    show.chapter("The grant is taken back while streams run")
    ended: list[tuple[float, str]] = []
    flowing = [asyncio.Event() for _ in range(STREAMS)]
    headers = {"authorization": f"Bearer {show.key}"}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as client:
        streams = [asyncio.create_task(stream(show, client, one, ended)) for one in flowing]
        await asyncio.gather(*(one.wait() for one in flowing))
        began_s = time.monotonic()
        reason = "Outputs were published."
        show.say(f'\n$ carrel access revoke {MODEL} --project bias --reason "{reason}"')
        await asyncio.to_thread(taken_back, show, reason)
        await asyncio.gather(*streams)
    codes = {code for _, code in ended}
    show.say(f"{len(ended)} of {STREAMS} running streams ended with {', '.join(sorted(codes))}, the last "
             f"{max(at_s for at_s, _ in ended) - began_s:.3f} s after the command was sent")  # fmt: skip
    if len(ended) != STREAMS or codes != {"not_permitted"}:
        sys.exit("not all of them")
    show.asks("grant")
    show.carrel("access", "list")
    show.carrel("audit", "verify")


def taken_back(show: Show, reason: str) -> None:
    """Sent as the command does, without the second that a command takes to start."""
    with AdminClient(show.folder / "box" / "run" / "admin.sock") as admin:
        admin.run("access.revoke", {"model": MODEL, "project": "bias", "reason": reason})


async def stream(
    show: Show, client: httpx.AsyncClient, flowing: asyncio.Event, ended: list[tuple[float, str]]
) -> None:
    """One that would go on for long: its end is forbidden."""
    body = {
        "model": MODEL, "messages": [QUESTION], "max_tokens": 460, "stream": True, "temperature": 1.0,
        "logit_bias": {"0": -100, "1": -100, "2": -100, "3": -100},
    }  # fmt: skip
    async with client.stream(
        "POST", f"http://127.0.0.1:{show.port}/v1/chat/completions", json=body
    ) as answer:
        async for line in answer.aiter_lines():
            if '"content":"' in line and '"content":""' not in line:
                flowing.set()
            if '"error"' in line:
                ended.append((time.monotonic(), json.loads(line.removeprefix("data: "))["error"]["code"]))
    flowing.set()


def recipe() -> str:
    """The demo model under OPT-175B's tier and license block."""
    demo = (ROOT / "recipes/handbook-tiny.toml").read_text()
    opt = (ROOT / "recipes/opt-175b.toml").read_text()
    block = opt[opt.index("[license]") : opt.index("[architecture]")]
    head, _, forms = demo.partition("[[forms]]")
    left_out = ("id =", "title =", "license =", "tier =", "#", "revision")
    kept = [line for line in head.splitlines() if not line.startswith(left_out)]
    defaults = kept.index("[defaults]")
    top = [f'id = "{MODEL}"', "revision = 1", 'title = "A stand-in"', 'tier = "restricted"', *kept[:defaults]]
    form = "[[forms]]" + forms.partition("[[forms]]")[0]
    return "\n".join(top) + f"\n\n{block}\n" + "\n".join(kept[defaults:]) + f"\n{form}"


def login() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    parser.add_argument("--out", type=Path, help="also write what was printed into this file")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ca-", dir="/tmp"))
    show = Show(folder, free_port())
    try:
        prepare(show)
        permit(show, review(show, apply(show)))
        use(show)
        spot_check(show)
        asyncio.run(revoke(show))
        show.say(f"\nAll of it took {time.monotonic() - show.started_s:.1f} s.")
    finally:
        show.carrel("down", "--yes")
        if given.out:
            given.out.write_text("\n".join(show.told) + "\n")
        if given.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
