"""From stick to answer: a box makes a bundle with the program on it, and a machine with nothing is installed
from it. Prints what happened and how long it took.

    python scripts/show_bundle.py [--chroot] [--program FOLDER] [--keep]

The machine has an empty home, a network namespace without a route, and no Python, compiler or package
manager on its PATH. With --chroot it is a root folder of its own that has bash, the tools that the installer
calls and the C library, and nothing else; the stick is mounted so that nothing on it can be executed. The
model is the demo model under another name and a license that has to be accepted, approved by the lab that
made the bundle. Needs root. --program takes a folder that `install.sh --fill-program` made before, which
saves the build.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODEL = "campus-tiny"
LICENSE = b"CAMPUS LICENSE\n\nUse it for teaching. Give it on under these terms, with this text.\n"
LEFT_OUT = """python pypy pip uv conda gcc g++ cc c++ c89 c99 cpp clang ld as make cmake ninja apt dpkg rpm
dnf yum snap flatpak git curl wget perl nvidia-smi systemctl x86_64-linux-gnu aarch64-linux-gnu"""
TOOLS = """bash sh env cat cp mv rm rmdir mkdir ln ls chmod chown touch tar gzip sed awk mawk grep sort uniq
head tail tr cut tac wc paste df du date stat find xargs realpath readlink dirname basename id getent getconf
flock sleep uname mktemp sha256sum nproc tty timeout ldconfig"""
OF_THE_C_LIBRARY = """libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2
libnss_files.so.2 libanl.so.1"""
ANSWERED = "installed, started and asked"
IN_CHROOT = """
set -e
mount -t proc proc "$1/proc"; mount -t tmpfs tmpfs "$1/tmp"; mount -t tmpfs tmpfs "$1/dev"
for one in null zero random urandom; do touch "$1/dev/$one"; mount --bind "/dev/$one" "$1/dev/$one"; done
mkdir "$1/dev/shm"; mount --bind "$2" "$1/stick"; mount -o remount,bind,ro,noexec "$1/stick"
ip link set lo up 2>/dev/null || true
root="$1"; shift 2
code=0; chroot "$root" /bin/bash /stick/install.sh "$@" || code=$?
chroot "$root" /srv/carrel/bin/carrel down --yes || true
exit $code
"""
CLEAN = 'ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null; exec "$@"'


@dataclass
class Step:
    """What took how long."""

    name: str
    seconds: float


class Show:
    """In ``folder``, which holds both machines and the bundle between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: list[Step] = []

    @property
    def bundle(self) -> Path:
        return self.folder / "stick" / "bundle"

    def run(self, name: str, *words: str, env: dict[str, str], check: bool = True) -> str:
        began_s = time.monotonic()
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, cwd="/")
        self.steps.append(Step(name, time.monotonic() - began_s))
        if check and done.returncode:
            sys.exit(f"{name}: code {done.returncode}\n{done.stdout}\n{done.stderr}")
        sys.stderr.write(done.stderr)
        return done.stdout

    # ---- the box that makes it ----

    def make(self, program: Path | None) -> str:
        """A bundle; answers the key that signed it."""
        home = self.folder / "maker"
        env = {**os.environ, "CARREL_HOME": str(home), "CARREL_PORT": "7621"}
        carrel = (sys.executable, "-m", "appliance")
        env["PYTHONPATH"] = str(ROOT)
        text = self.folder / "license.txt"
        text.write_bytes(LICENSE)
        (home / "models" / MODEL).mkdir(parents=True)
        shutil.copy(ROOT / "recipes/handbook-tiny/handbook-tiny-q8_0.gguf", home / "models" / MODEL)
        (self.folder / "campus.toml").write_text(recipe(hashlib.sha256(LICENSE).hexdigest()))
        self.run("the lab approves its model", *carrel, "recipe", "approve", str(self.folder / "campus.toml"),
                 "--license-text", str(text), env=env)  # fmt: skip
        self.run("box starts", *carrel, "up", env=env)
        try:
            self.bundle.parent.mkdir()
            if program is not None:
                self.bundle.mkdir()
                (self.bundle / "README.txt").write_text("This folder is a Carrel bundle.\n")
                shutil.copytree(program, self.bundle / "program")
            made = self.run(
                "bundle made, with the program", *carrel, "bundle", "create", MODEL, "--to", str(self.bundle),
                "--recipient", "the lab across the street", "--with-installer", "--json", env=env,
            )  # fmt: skip
            inspecting = (*carrel, "bundle", "inspect", str(self.bundle), "--full")
            report = self.run("bundle inspected in full", *inspecting, env=env)
        finally:
            self.run("box stops", *carrel, "down", "--yes", env=env, check=False)
        print(report)
        return str(json.loads(made)["signer"])

    # ---- the machine that is installed from it ----

    def install(self, signer: str, *, chroot: bool) -> None:
        words = (
            "--model", MODEL, "--trust-key", signer,
            "--accept-license", hashlib.sha256(LICENSE).hexdigest(),
            "--accept-as", "Ada Lovelace, head of the lab", "--purpose", "a course",
            "--prefix", "/srv/carrel",
        )  # fmt: skip
        said = self._in_chroot(words) if chroot else self._on_this_machine(words)
        print(said)
        if "Installed, started and asked in" not in said:
            sys.exit("the model did not answer")

    def _on_this_machine(self, words: tuple[str, ...]) -> str:
        home = self.folder / "target"
        tools = home / "tools"
        tools.mkdir(parents=True)
        (home / "tmp").mkdir()
        for folder in ("/usr/sbin", "/usr/bin", "/bin"):
            for one in Path(folder).iterdir():
                if not one.name.startswith(tuple(LEFT_OUT.split())) and not os.path.lexists(tools / one.name):
                    (tools / one.name).symlink_to(one)
        env = {
            "HOME": str(home), "PATH": str(tools), "TMPDIR": str(home / "tmp"),
            "CARREL_HOME": str(home / "box"), "CARREL_PORT": "7622",
        }  # fmt: skip
        own = tuple(str(home / "srv") if one == "/srv/carrel" else one for one in words)
        script = str(self.bundle / "install.sh")
        clean = ("unshare", "-n", "bash", "-c", CLEAN, "bash", "bash")
        said = self.run(ANSWERED, *clean, script, *own, env=env)
        # The stick is gone by now: what was installed removes itself.
        kept = str(home / "srv/venv/installer/packaging/install.sh")
        undo = ("--uninstall", "--yes", "--prefix", str(home / "srv"))
        self.run("removed again", *clean, kept, *undo, env=env)
        left = sorted(one.name for one in home.iterdir())
        if left != ["tmp", "tools"]:
            sys.exit(f"left behind: {left}")
        return said

    def _in_chroot(self, words: tuple[str, ...]) -> str:
        root = self.folder / "root"
        furnish(root)
        env = {
            "HOME": "/home/box",
            "PATH": "/usr/bin:/bin",
            "CARREL_PORT": "7623",
            "CARREL_HOME": "/home/box/carrel",
        }
        environment = {**env, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        alone = ("unshare", "-n", "-m", "-p", "-f", "--mount-proc", "bash", "-c", IN_CHROOT, "bash")
        return self.run(ANSWERED, *alone, str(root), str(self.bundle), *words, env=environment)

    def times(self) -> None:
        print("What took how long:")
        for one in self.steps:
            print(f"  {one.seconds:7.1f} s  {one.name}")


def furnish(root: Path) -> None:
    """A root with the tools, the libraries that they load, the C library's own, and no more."""
    for name in ("bin", "usr/bin", "proc", "dev", "tmp", "stick", "home/box", "srv", "etc", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/home/box:/bin/bash\n")
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "etc/os-release").write_text('PRETTY_NAME="A system with next to nothing"\n')
    found = [
        Path(path)
        for name in TOOLS.split()
        if (path := shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin"))
    ]
    for one in found:
        target = root / "bin" / one.name
        shutil.copy(one.resolve(), target)
    libraries = {
        word for one in found for word in said_by("ldd", str(one.resolve())).split() if word.startswith("/")
    }
    places = {Path(one).parent for one in libraries}
    libraries |= {
        str(place / name) for place in places for name in OF_THE_C_LIBRARY.split() if (place / name).exists()
    }
    for one in libraries:
        target = root / one.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(one).resolve(), target)


def said_by(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def recipe(text_sha256: str) -> str:
    """The demo model under another name and license."""
    original = (ROOT / "recipes/handbook-tiny.toml").read_text()
    head, _, rest = original.partition("[[forms]]")
    form = "[[forms]]" + rest.partition("[[forms]]")[0]
    kept = [
        line
        for line in head.splitlines()
        if not line.startswith(("id =", "title =", "license =", "#", "revision"))
    ]
    defaults = kept.index("[defaults]")
    terms = f"""
[license]
expression = "LicenseRef-campus"
title = "Campus License"
text_sha256 = "{text_sha256}"
acceptance = "institution"
redistribution = "same-terms"
derivatives = "same-terms"

"""
    top = [f'id = "{MODEL}"', "revision = 1", 'title = "Campus Tiny"', *kept[:defaults]]
    return "\n".join(top) + terms + "\n".join(kept[defaults:]) + "\n" + form


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chroot", action="store_true")
    parser.add_argument("--program", type=Path)
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cb-", dir="/tmp"))
    folder.chmod(0o755)
    show = Show(folder)
    try:
        signer = show.make(given.program)
        show.install(signer, chroot=given.chroot)
        show.times()
    finally:
        if given.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
