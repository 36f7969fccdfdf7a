"""OPT-175B's license path whole, with a registry and a box as real processes, by commands only.

    python scripts/show_opt_path.py [--keep] [--out FILE]

The registry's catalog has a model of the same tier and under the same license block as recipes/opt-175b.toml;
its files are the demo model's. It cannot be fetched before the license is accepted, an application approved
and countersigned, and a lease there; before each of these the fetch is tried and the refusal printed. Then it
serves; the registry takes the lease back while streams run, which end with the next sync; a new lease; and
the institution withdraws its acceptance while streams run.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from appliance.client.admin import AdminClient  # noqa: E402 - the repository need not be installed
from scripts.demo_federation.parties import Box, Registry, Told  # noqa: E402
from scripts.demo_federation.person import Ada  # noqa: E402

MODEL = "opt-175b-stand-in"
WITHIN_S = 1.0
UNTIL = (datetime.now(UTC).date() + timedelta(days=365)).isoformat()


def recipe(files: Path) -> str:
    """The demo model under OPT-175B's tier and license block, with a folder to fetch it from."""
    demo = (ROOT / "recipes/handbook-tiny.toml").read_text()
    opt = (ROOT / "recipes/opt-175b.toml").read_text()
    block = opt[opt.index("[license]") : opt.index("[architecture]")]
    head, _, forms = demo.partition("[[forms]]")
    left_out = ("id =", "title =", "license =", "tier =", "#", "revision")
    kept = [line for line in head.splitlines() if not line.startswith(left_out)]
    at = kept.index("[defaults]")
    top = [f'id = "{MODEL}"', "revision = 1", 'title = "A stand-in"', 'tier = "restricted"', *kept[:at]]
    form = "[[forms]]" + forms.partition("[[forms]]")[0]
    source = f'[[sources]]\nkind = "folder"\nfolder = "{files}"\n'
    return "\n".join(top) + f"\n\n{block}\n{source}\n" + "\n".join(kept[at:]) + f"\n{form}"


def found(told: Told, registry: Registry) -> None:
    told.step("The registry signs the model, and says what a lease of it asks")
    registry.home.mkdir()
    registry.carrel(
        "registry", "init", "--name", "demo", "--address", registry.address, "--port", str(registry.port),
        "--plain-http", quiet=True,
    )  # fmt: skip
    files = told.folder / "files"
    files.mkdir()
    shutil.copy(ROOT / "recipes/handbook-tiny/handbook-tiny-q8_0.gguf", files)
    toml = told.folder / "stand-in.toml"
    toml.write_text(recipe(files))
    registry.carrel("catalog", "add", str(toml), "--at", str(registry.folder / "signing"))
    registry.carrel("registry", "publish", quiet=True)
    terms = ROOT / "recipes/opt-175b.toml"
    sha256 = terms.read_text().partition('text_sha256 = "')[2][:64]
    registry.carrel(
        "registry", "lease", "policy", MODEL, "--restricted", "--needs-agreement", "yes",
        "--needs-application", "yes", "--terms-sha256", sha256, "--countersign", "person",
    )  # fmt: skip
    registry.carrel("registry", "agreement", "add", "University Y", "--model", MODEL, "--until", UNTIL)
    registry.serve()


def enroll(told: Told, registry: Registry, box: Box) -> None:
    told.step("The box enrolls; Ada and a reviewer are there")
    code = told.folder / "box.code"
    registry.carrel("registry", "code", "--institution", "University Y", "--out", str(code), quiet=True)
    box.carrel("fed", "enroll", code.read_text().strip(), "--name", "box")
    box.carrel("project", "new", "bias", "--purpose", "How models speak of groups of people.", quiet=True)
    box.carrel("person", "new", "ada", "--project", "bias", quiet=True)
    no_pull(box)


def no_pull(box: Box) -> None:
    box.carrel("model", "pull", MODEL, code=4)


def accept(told: Told, box: Box) -> None:
    told.step("The institution accepts the license")
    sha256 = box.asked("license", "show", MODEL)["terms"]["text_sha256"]
    box.carrel(
        "license", "accept", MODEL, "--text", sha256[:12], "--who", "The head of the lab",
        "--authority", "head of the lab", "--purpose", "non-commercial research", quiet=True,
    )  # fmt: skip
    no_pull(box)


def lease_is_denied(told: Told, box: Box) -> None:
    told.step("A lease is asked for, and denied: nobody has a countersigned application")
    box.carrel("fed", "lease", MODEL, quiet=True)
    box.carrel("fed", "sync")
    box.carrel("license", "leases")
    no_pull(box)


def apply(told: Told, box: Box, ada: Ada) -> str:
    told.step("Ada applies, a reviewer approves")
    agreement = ada.posts("me/agreement/show", {"kind": "access"})["text_sha256"][:12]
    form = {
        "model": MODEL,
        "affiliation": "University Y",
        "intended_use": "Measure bias in 10,000 templated prompts.",
        "publications": "none yet",
        "agreement": agreement,
    }
    application = ada.posts("me/access/apply", form)["id"]
    box.carrel(
        "access", "decide", application, "--approve", "--days", "180", "--conditions",
        "Outputs are not published without the reviewer.", "--reason", "A sound plan.",
    )  # fmt: skip
    no_pull(box)
    return application


def countersign(told: Told, registry: Registry, box: Box, ada: Ada, application: str) -> None:
    told.step("Ada sees the exact bytes that would leave, and agrees; the registry countersigns")
    shown = ada.posts("me/access/preview", {"id": application})
    told.say(f"   {shown['payload']}")
    ada.posts("me/access/agree", {"id": application, "sha256": shown["sha256"][:12]})
    box.carrel("fed", "preview")
    box.carrel("fed", "sync")
    registry.carrel("registry", "application", "list")
    (waiting,) = registry.asked("registry", "application", "list")["applications"]
    no_pull(box)
    registry.carrel("registry", "application", "decide", waiting["id"], "countersign")
    box.carrel("fed", "sync")
    box.carrel("access", "show", application)


def get_lease(told: Told, box: Box) -> None:
    told.step("Now the lease is given, and the model comes")
    box.carrel("fed", "lease", MODEL, quiet=True)
    box.carrel("fed", "sync")
    box.carrel("license", "leases")
    box.carrel("model", "pull", MODEL)
    box.carrel("model", "run", MODEL, quiet=True)


def use(told: Told, ada: Ada) -> None:
    told.step("Ada accepts the license for herself, signs the code of conduct, and uses it")
    ada.asks("personal_acceptance")
    sha256 = ada.box.asked("license", "show", MODEL)["terms"]["text_sha256"]
    body = {"model": MODEL, "text_sha256": sha256[:12], "purpose": "a study of bias"}
    ada.posts("me/licenses", body)
    ada.asks("agreement")
    conduct = ada.posts("me/agreement/show", {})["text_sha256"][:12]
    ada.posts("me/agreement/sign", {"text": conduct})
    ada.asks("")


def revoke(told: Told, registry: Registry, box: Box, ada: Ada) -> None:
    told.step("The registry takes the lease back while streams run: they end with the next sync")
    registry.carrel(
        "registry", "lease", "revoke", "box", MODEL, "--reason", "Outputs were published.", "--yes"
    )
    act = admin_act(box, "fed.sync", {"today": False})
    _, codes = asyncio.run(ada.streams(act))
    if codes != {"not_licensed"}:
        sys.exit(f"streams ended with {codes}")
    ada.asks("lease")
    wait_until(lambda: not list((box.home / "models" / MODEL).glob("*.gguf")))
    told.seen("its files are deleted, as its license says")
    no_pull(box)
    box.carrel("fed", "sync")


def withdraw(told: Told, registry: Registry, box: Box, ada: Ada) -> None:
    told.step("A new lease; then the institution withdraws its acceptance while streams run")
    registry.carrel("registry", "lease", "issue", "box", MODEL, "--days", "30", "--reason", "Settled.")
    box.carrel("fed", "sync")
    box.carrel("model", "pull", MODEL, quiet=True)
    box.carrel("model", "run", MODEL, quiet=True)
    ada.asks("")
    took_s, codes = asyncio.run(ada.streams(admin_act(box, "license.withdraw", {"model": MODEL})))
    if codes != {"not_licensed"} or took_s > WITHIN_S:
        sys.exit(f"streams ended with {codes} after {took_s:.2f} s")
    ada.asks("acceptance")
    box.carrel("audit", "verify")


def admin_act(box: Box, name: str, arguments: dict) -> Callable[[], None]:
    """As the command does it, without the second that a command takes to start."""

    def act() -> None:
        with AdminClient(box.home / "run" / "admin.sock") as admin:
            admin.run(name, arguments)

    box.told.say(f"box$ carrel {name.replace('.', ' ')}")
    return act


def wait_until(happened: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline_s, tick = time.monotonic() + within_s, threading.Event()
    while not happened():
        if time.monotonic() > deadline_s:
            sys.exit("it did not happen")
        tick.wait(0.05)


def play(told: Told, registry: Registry, box: Box) -> None:
    found(told, registry)
    box.home.mkdir()
    box.up()
    enroll(told, registry, box)
    ada = Ada(box, MODEL)
    accept(told, box)
    lease_is_denied(told, box)
    application = apply(told, box, ada)
    countersign(told, registry, box, ada, application)
    get_lease(told, box)
    use(told, ada)
    revoke(told, registry, box, ada)
    withdraw(told, registry, box, ada)
    told.say(f"\nAll {told.steps} steps went as they should in {time.monotonic() - told.began_s:.0f} s.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    parser.add_argument("--out", type=Path, help="also write what was printed into this file")
    given = parser.parse_args()
    told = Told(Path(tempfile.mkdtemp(prefix="opt-", dir="/tmp")))
    registry, box = Registry("registry", told), Box("box", told, {"CARREL_SYNC_HOURS": "0"})
    try:
        play(told, registry, box)
    finally:
        box.down()
        registry.end()
        if given.out:
            given.out.write_text("\n".join(told.lines) + "\n")
        if given.keep:
            print(told.folder)
        else:
            shutil.rmtree(told.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
