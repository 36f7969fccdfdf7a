"""The first ten minutes of a lesson, on two networks without a route to anywhere: the lab's machine is
installed from a stick, the teacher makes a class on the page, thirty students join and ask with the `openai`
package as it comes, one of them abuses it, and the report is taken home. Prints what each step took beside
what it may take.

    python scripts/show_lesson [--program FOLDER] [--out FILE]

Needs root, for the two networks. --program takes a folder that `install.sh --fill-program` made before.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.show_lesson import networks, students  # noqa: E402 - the repository need not be installed
from scripts.show_lesson.machine import CLASS_PORT, LAN_PORT, PORT, Machine, stick  # noqa: E402
from scripts.show_lesson.steps import Story  # noqa: E402
from scripts.show_lesson.teacher import CLASS, Teacher, teacher  # noqa: E402

SEATS = 30
ABUSER = "Abel, Ada"
QUESTION = "Which port does Carrel listen on?"
LIMIT_WORDS = ("limit", "waits", "error")


def roster(folder: Path) -> Path:
    """As Canvas exports it: a row of points above, a test student below."""
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section", "    Points Possible,,,,"]
    lines.append('"Abel, Ada",1000,S000,abel,Section 1')
    lines += [
        f'"Last{one:02}, First{one:02}",{1000 + one},S{one:03},login{one:02},Section 1'
        for one in range(1, SEATS)
    ]
    lines.append('"Student, Test",,,,Section 1')
    path = folder / "roster.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def set_up(story: Story, machine: Machine, bundle: Path) -> str:
    """From a bare machine to a lead's key."""
    with story.step("installed from the stick, started, asked", 120) as step:
        said = machine.install(bundle)
        step.says = next(line for line in said.splitlines() if "Installed, started and asked" in line)
    story.holds("only loopback listens", machine.listens() == [f"127.0.0.1:{PORT}"])
    with story.step("up on the class's network", 60):
        machine.run("down", "--yes")
        machine.run("up", "--demo", "--lan", "--lan-host", networks.BOX_ADDRESS)
    wanted = sorted([f"127.0.0.1:{PORT}", f"{networks.BOX_ADDRESS}:{LAN_PORT}"])
    story.holds(f"exactly {wanted} listen", machine.listens() == wanted)
    with story.step("the course, its lead, its allocation"):
        machine.run("person", "new", "teacher", "--name", "The Teacher")
        machine.run("project", "new", "nlp", "--kind", "course", "--lead", "teacher")
        machine.run("budget", "set", "--project", "nlp", "--credits", "5")
        return str(machine.told("key", "new", "laptop", "--person", "teacher", "--project", "nlp")["key"])


def prepare(story: Story, machine: Machine, who: Teacher, key: str, folder: Path) -> tuple[str, str]:
    """The class, ready for students: address and code."""
    with story.step("the teacher signs in", 10):
        who.sign_in(key)
    with story.step("a class from a list of 30, previewed", 10) as step:
        step.says = " ".join(who.make_class(roster(folder)).split())[:90]
    with story.step("30 cards to print", 10) as step:
        made = who.cards()
        step.says = f"{made} cards"
    story.holds("a card for each seat", made == SEATS)
    with story.step("rehearsal with 30 seats", 60) as step:
        step.says = " ".join(who.rehearse().split())[:120]
    with story.step("open, over plain HTTP", 10):
        who.open_plainly()
    wanted = sorted(
        [f"127.0.0.1:{PORT}", f"{networks.BOX_ADDRESS}:{LAN_PORT}", f"{networks.BOX_ADDRESS}:{CLASS_PORT}"]
    )
    story.holds(f"exactly {wanted} listen", machine.listens() == wanted)
    with story.step("the code on the projector", 10) as step:
        code, wall = who.projector()
        step.says = code
    story.holds("the projector shows the address", f"{networks.BOX_ADDRESS}:{CLASS_PORT}" in wall)
    return f"http://{networks.BOX_ADDRESS}:{CLASS_PORT}", code


def lesson(story: Story, who: Teacher, url: str, code: str) -> None:
    """Students come, ask, and one of them does not stop."""
    with story.step("30 students join; the slowest", 20) as step:
        joined = students.join_all(url, code)
        step.took_s = max(one.took_s for one in joined)
    story.holds("30 students joined", len(joined) == SEATS)
    with story.step("the projector counts them", 5) as step:
        step.took_s = who.waits_for_joined(f"{SEATS} of {SEATS}", 20)
    with story.step("30 programs with `openai` ask at once; worst first word", 3) as step:
        asked = students.ask_all(joined, url, QUESTION)
        _told(story, step, asked)
    calm = statistics.median(one.first_s or 0 for one in asked)
    who.watch_seats()
    abuser = next(one for one in joined if one.name in {ABUSER, "Ada Abel"})
    others = [one for one in joined if one is not abuser]
    loop = students.abuse(abuser, url, 200)
    with story.step("the teacher sees whose limit it is", 10) as step:
        step.says = who.waits_for_seat("Abel", LIMIT_WORDS, 30)
    story.holds("the abuser's seat says so", bool(step.says))
    with story.step("29 ask beside 200 requests of one; worst first word", 3) as step:
        beside = students.ask_all(others, url, QUESTION)
        _told(story, step, beside)
    with story.step("and in plain words") as step:
        step.says = who.opens_seat("Abel")[:160]
    said = loop.communicate(timeout=300)[0]
    print(f"  the loop was told: {said.strip()[:600]}")
    story.holds("the loop was refused", '"429"' in said)
    print(f"  median first word alone {calm:.2f} s")


def _told(story: Story, step, asked) -> None:
    failed = [one for one in asked if one.first_s is None]
    story.holds(f"all were answered: {[(one.name, one.said) for one in failed][:2]}", not failed)
    times = [one.first_s for one in asked if one.first_s is not None]
    step.took_s = max(times, default=99.0)
    step.says = f"median {statistics.median(times or [99.0]):.2f} s"


def after(story: Story, machine: Machine, who: Teacher) -> None:
    with story.step("the class ends", 10):
        who.end()
    wanted = sorted([f"127.0.0.1:{PORT}", f"{networks.BOX_ADDRESS}:{LAN_PORT}"])
    story.holds("the class's port is closed again", _until(lambda: machine.listens() == wanted))
    with story.step("the report", 10) as step:
        csv = who.report()
        step.says = f"{len(csv.splitlines()) - 1} rows"
    story.holds("a row for each id of the list", all(f"login{one:02}" in csv for one in range(1, SEATS)))
    story.holds("nobody else was asked", who.foreign == [])
    print(machine.run("offline", "show"))


def _until(true, within_s: float = 10) -> bool:
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if true():
            return True
        time.sleep(0.2)
    return False


def play(folder: Path, program: Path | None, patience: float) -> Story:
    bundle = stick(folder, program)
    home = folder / "machine"
    home.mkdir()
    with networks.the_box_machine() as there:
        machine = Machine(home, there)
        print(f"routes of the box: {networks.routes_of(there)}")
        story = Story(patience=patience)
        key = set_up(story, machine, bundle)
        try:
            with teacher(f"https://{networks.BOX_ADDRESS}:{LAN_PORT}", _chromium()) as who:
                url, code = prepare(story, machine, who, key, folder)
                lesson(story, who, url, code)
                after(story, machine, who)
            print(machine.run("class", "report", CLASS)[:1500])
        finally:
            machine.run("down", "--yes")
    return story


def _chromium() -> str:
    return shutil.which("chromium") or "/usr/bin/chromium"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--patience", type=float, default=1.0, help="for a busy machine: limits, multiplied")
    given = parser.parse_args()
    reason = networks.reason_it_cannot()
    if reason:
        sys.exit(reason)
    networks.enter()
    folder = Path(tempfile.mkdtemp(prefix="cl-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        story = play(folder, given.program, given.patience)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(story.table())
    if given.out:
        given.out.write_text(story.table() + "\n")
    sys.exit(0 if story.well else 1)


if __name__ == "__main__":
    main()
