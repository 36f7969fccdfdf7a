"""What happens, step by step: the same over the network and by stick."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scripts.demo_federation.models import LEASED, LENT, OWN, RECORD, put_files, write
from scripts.demo_federation.parties import ROOT, Box, Registry, Told
from scripts.demo_federation.ways import Way

STOPS_WITHIN_S = 1.0
SHARED = f"uni-y.{OWN}"
LENT_THERE = f"uni-y.{LENT}"
AGREED_UNTIL = (datetime.now(UTC).date() + timedelta(days=365)).isoformat()


@dataclass
class World:
    """``alpha`` is the box of University Y, whose lab shares; ``beta`` that of a college."""

    told: Told
    registry: Registry
    alpha: Box
    beta: Box
    way: Way

    @property
    def boxes(self) -> tuple[Box, Box]:
        return self.alpha, self.beta


def found(world: World) -> None:
    told, registry = world.told, world.registry
    told.step("A registry is made, and a model is signed into its catalog")
    registry.home.mkdir()
    registry.carrel(
        "registry", "init", "--name", "demo", "--address", registry.address,
        "--port", str(registry.port), "--plain-http",
    )  # fmt: skip
    signing = str(registry.folder / "signing")
    toml = write(told.folder, LEASED, lease=True)
    registry.carrel("catalog", "add", str(toml), "--at", signing)
    registry.carrel("registry", "publish")
    world.way.begin()


def enroll(world: World) -> None:
    told, registry = world.told, world.registry
    for box, institution, organization in (
        (world.alpha, "University Y", "uni-y"),
        (world.beta, "A small college", ""),
    ):
        told.step(f"{institution} enrolls its box {box.name} with a one-time code")
        code = told.folder / f"{box.name}.code"
        named = ("--organization", organization) if organization else ()
        registry.carrel(
            "registry", "code", "--institution", institution, *named, "--out", str(code), quiet=True
        )
        world.way.enroll(box, code)
        registry.carrel(
            "registry", "agreement", "add", institution, "--model", LEASED, "--until", AGREED_UNTIL
        )
    registry.carrel("registry", "boxes")


def pull_catalog(world: World) -> None:
    told, beta = world.told, world.beta
    told.step("The catalog has come, signed: the box knows a model that it did not know")
    world.way.sync(beta)
    beta.carrel("catalog", "show")
    ids = [one["id"] for one in beta.asked("recipe", "list")["recipes"]]
    if LEASED not in ids:
        sys.exit(f"{LEASED} is not in the catalog: {ids}")
    told.seen(f"{LEASED} is in {beta.name}'s catalog")


def lease(world: World) -> None:
    told, beta = world.told, world.beta
    told.step("Without a lease the model is not started")
    put_files(beta, LEASED)
    beta.carrel("model", "run", LEASED, code=4)
    told.step("The box asks for a lease, and gets it: the institution has an agreement")
    beta.carrel("fed", "lease", LEASED, quiet=True)
    world.way.sync(beta)
    beta.carrel("license", "leases")


def serve(world: World) -> None:
    told, beta = world.told, world.beta
    told.step("It is served")
    beta.carrel("model", "run", LEASED, quiet=True)
    for _ in range(3):
        beta.answers(LEASED)


def report(world: World) -> None:
    told, beta = world.told, world.beta
    told.step("What will be reported, byte for byte; then it is, and the registry acknowledges it")
    beta.carrel("fed", "preview", "--today")
    world.way.sync(beta, today=True)
    beta.carrel("fed", "status")
    world.registry.carrel("registry", "usage", "--by", "model")
    rows = world.registry.asked("registry", "usage", "--by", "model")["lines"]
    told.seen(f"the registry counted {rows}")


def revoke(world: World) -> None:
    told, beta = world.told, world.beta
    told.step("The registry takes the lease back: at its next sync the box stops serving")
    world.registry.carrel(
        "registry", "lease", "revoke", beta.name, LEASED, "--reason", "The agreement was ended.", "--yes"
    )
    beta.answers(LEASED)
    world.way.sync(beta)
    took_s = beta.refuses(LEASED, within_s=STOPS_WITHIN_S)
    told.seen(f"refused {took_s:.2f} s after the sync had ended")


def share_weights(world: World) -> None:
    told, alpha = world.told, world.alpha
    told.step("University Y signs for a model of its own, with a record of benefit and harm")
    put_files(alpha, OWN)
    toml = write(told.folder, OWN, lease=False)
    alpha.carrel("recipe", "approve", str(toml), "--who", "the lab", quiet=True)
    alpha.carrel("recipe", "reload", quiet=True)
    alpha.carrel("share", "init")
    signing = str(world.registry.folder / "signing")
    (key,) = (alpha.home / "organization" / "keys").glob("*.pub")
    world.registry.carrel("catalog", "delegate", "uni-y", "--key", str(key), "--at", signing)
    world.registry.carrel("registry", "publish")
    record = told.folder / "record.toml"
    record.write_text(RECORD)
    alpha.carrel("share", "weights", OWN, "--record", str(record), "--address", alpha.address)
    world.way.sync(alpha)
    alpha.carrel("share", "list")


def fetch_weights(world: World) -> None:
    told, alpha, beta = world.told, world.alpha, world.beta
    told.step("The other box sees it in its catalog, fetches it from University Y's box, and serves it")
    world.way.sync(beta)
    beta.carrel("model", "pull", SHARED)
    _served(beta)
    alpha.carrel("share", "show", OWN)


def carry_weights(world: World) -> None:
    told, alpha, beta = world.told, world.alpha, world.beta
    told.step("The other box sees it in its catalog; the files come on a disk, and it serves them")
    world.way.sync(beta)
    beta.carrel("model", "pull", SHARED, code=7)
    disk = told.folder / "disk"
    put_files(alpha, SHARED)
    alpha.carrel("bundle", "create", SHARED, "--to", str(disk), "--recipient", "A small college")
    beta.carrel("bundle", "install", str(disk))
    _served(beta)


def _served(box: Box) -> None:
    box.carrel("model", "run", SHARED, quiet=True)
    box.answers(SHARED)


def withdraw_weights(world: World) -> None:
    told, alpha, beta = world.told, world.alpha, world.beta
    told.step("It is withdrawn, and the other box reads so")
    alpha.carrel("share", "withdraw", OWN)
    world.way.sync(alpha)
    world.way.sync(beta)
    beta.carrel("catalog", "show")


def lend(world: World) -> None:
    told, alpha, beta = world.told, world.alpha, world.beta
    told.step("University Y lets others ask a model that it hosts; no file leaves")
    record = told.folder / "record.toml"
    alpha.carrel("model", "run", LENT, quiet=True)
    alpha.carrel("share", "access", LENT, "--record", str(record), "--address", alpha.address)
    world.way.sync(alpha)
    world.way.sync(beta)
    beta.carrel("share", "request", LENT_THERE, "--purpose", "A course on how handbooks answer.")
    world.way.sync(beta)
    world.way.sync(alpha)
    alpha.carrel("share", "requests")
    (asked,) = alpha.asked("share", "requests")["peers"]
    alpha.carrel("share", "decide", asked["id"], "--grant", "--credits", "5", "--days", "90")
    world.way.sync(alpha)
    world.way.sync(beta)


def ask_lent(world: World) -> None:
    told, alpha, beta = world.told, world.alpha, world.beta
    told.step("The other box asks it there: its own budget pays, and the owner counts")
    beta.carrel("model", "run", LENT_THERE, quiet=True)
    beta.answers(LENT_THERE)
    alpha.carrel("share", "peers")
    no_byte_of(told, beta)
    told.step("The owner takes it back")
    (peer,) = alpha.asked("share", "peers")["peers"]
    alpha.carrel("share", "revoke", peer["id"], "--reason", "The course is over.", "--yes")
    took_s = beta.refuses(LENT_THERE, within_s=STOPS_WITHIN_S)
    told.seen(f"refused {took_s:.2f} s after the command had ended")
    told_of_the_end(world)


def lent_and_offline(world: World) -> None:
    told, alpha, beta = world.told, world.alpha, world.beta
    told.step("The key has come by stick; to ask the model there a box has to reach the other")
    beta.carrel("share", "borrowed")
    beta.carrel("model", "run", LENT_THERE, code=7)
    no_byte_of(told, beta)
    told.step("The owner takes it back")
    (peer,) = alpha.asked("share", "peers")["peers"]
    alpha.carrel("share", "revoke", peer["id"], "--reason", "The course is over.", "--yes", quiet=True)
    told_of_the_end(world)


def told_of_the_end(world: World) -> None:
    world.way.sync(world.alpha)
    world.way.sync(world.beta)
    world.beta.carrel("share", "borrowed")
    (line,) = world.beta.asked("share", "borrowed")["borrowed"]
    if line["state"] != "revoked":
        sys.exit(f"the other box still believes that it may: {line}")


def no_byte_of(told: Told, box: Box) -> None:
    """Neither under the model's name nor by its content."""
    (demo,) = (ROOT / "recipes" / LENT).glob("*-q8_0.gguf")
    own = {one for one in (box.home / "models").rglob("*") if LENT_THERE in str(one) and one.is_file()}
    if own:
        sys.exit(f"{box.name} holds {own}")
    told.seen(
        f"{box.name} holds no file of {LENT_THERE} ({demo.name} lies in {LENT}, which came with Carrel)"
    )
