"""A real registry with two real boxes: one lab that hosts a model for others, and one that asks for it."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.system.box import RealBox, answers, free_port
from tests.system.programs import CARREL, Forked, carry_out, start

RECORD = """
contact = "models@north.example"
benefits = ["Answers questions about this appliance for whoever runs one."]
harms = ["It may answer wrongly, and somebody may believe it."]
evaluations = ["Asked 200 questions of the handbook; 180 answers were right."]
reviewed_by = "The board of the North College"
reviewed_on = "2026-11-21"
"""
RESTRICTIONS = """
[[restriction]]
all = true
why = "short answers only"
max_tokens = 64
n = 1
"""
START_S = 120


def carrel(environment, *words, check=True):
    """One command with --json; its document, or its exit code and words where ``check`` is false."""
    done = carry_out((*words, "--json"), environment)
    if not check:
        return done.returncode, done.stderr
    assert done.returncode == 0, f"carrel {' '.join(words)}: exit {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


@dataclass
class Labs:
    """``owner`` hosts, ``other`` asks; ``registry`` is its process."""

    home: Path
    owner: RealBox
    other: RealBox
    registry: Forked | subprocess.Popen
    at: str

    @classmethod
    def started(cls, home: Path) -> "Labs":
        port = free_port()
        (home / "owner").mkdir()
        (home / "other").mkdir()
        owner = RealBox(home / "owner", extra={"CARREL_SHARE_WEIGHTS": "true"}).start()
        other = RealBox(
            home / "other", extra={"CARREL_UPSTREAMS": "true", "CARREL_RUN_DEMO": "false"}
        ).start()
        at = str(home / "registry")
        keeper = owner.environment
        carrel(
            keeper, "registry", "init", "--at", at, "--name", "central", "--plain-http",
            "--address", f"http://127.0.0.1:{port}", "--port", str(port), "--page", "off",
        )  # fmt: skip
        carrel(keeper, "registry", "publish", "--at", at)
        with (home / "registry.out").open("ab") as output:
            process = start((*CARREL, "registry", "serve", "--at", at), keeper, output)
        labs = cls(home, owner, other, process, at)
        try:
            labs._wait(port)
            labs._enroll()
        except BaseException:
            labs.stop()
            raise
        return labs

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if answers(port, "/v1/nonce", 204):
                return
            time.sleep(0.05)  # a process of another kind to wait for: it has no event to offer
        raise AssertionError((self.home / "registry.out").read_text()[-3000:])

    def _enroll(self) -> None:
        labs = ((self.owner, "North College", ("--organization", "north")), (self.other, "South College", ()))
        for box, institution, more in labs:
            code = carrel(
                box.environment, "registry", "code", "--at", self.at, "--institution", institution, *more
            )
            box.carrel("fed", "enroll", code["text"])
        made = carrel(self.owner.environment, "share", "init")
        signing = str(Path(self.at) / "signing")
        carrel(self.owner.environment, "catalog", "delegate", "north", "--at", signing, "--key", made["give"])
        carrel(self.owner.environment, "registry", "publish", "--at", self.at)

    def sync(self) -> None:
        """Each box says what it has to say, and hears what the other said."""
        for box in (self.owner, self.other, self.owner, self.other):
            box.carrel("fed", "sync")

    def stop(self) -> None:
        self.registry.terminate()
        self.registry.wait(60)
        self.other.stop()
        self.owner.stop()
