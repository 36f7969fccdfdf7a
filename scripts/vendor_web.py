"""Copies what pages load in a browser from npm packages into the tree, with their licenses and hashes.

    scripts/vendor_web.py           npm ci of packaging/web, without any script of a package
    scripts/vendor_web.py --check   compare what lies in the tree with vendor.json and the lock; no network

Run it after a change of ``packaging/web/package.json`` and its lock (``npm install --package-lock-only``).
Nobody who runs a box needs node: the copies are in the wheel.
"""

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NPM = ROOT / "packaging" / "web"
TARGET = ROOT / "appliance" / "web" / "static" / "vendor"
LIST = "vendor.json"
LICENSES = "LICENSES.txt"


@dataclass(frozen=True)
class Wanted:
    """A package: files of it by the name that they get here, and where its license text is."""

    package: str
    files: dict[str, str]
    license_file: str = "LICENSE"


WANTED = (
    Wanted("@picocss/pico", {"css/pico.min.css": "pico.min.css"}, "LICENSE.md"),
    Wanted("dompurify", {"dist/purify.min.js": "purify.min.js"}),
    Wanted("htmx.org", {"dist/htmx.min.js": "htmx.min.js"}),
    Wanted("marked", {"lib/marked.umd.js": "marked.umd.js"}),
    Wanted("uplot", {"dist/uPlot.iife.min.js": "uplot.min.js", "dist/uPlot.min.css": "uplot.min.css"}),
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing; 1 where something differs")
    if not parser.parse_args().check:
        vendor()
    faults = differences(TARGET, locked(NPM / "package-lock.json"))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def vendor() -> None:
    """Fetch the packages as the lock has them, and put what is wanted in place of what was there."""
    lock = locked(NPM / "package-lock.json")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NPM / name, folder / name)
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("There is no npm here; it is needed to vendor, and for nothing else.")
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"],
            cwd=folder,
            check=True,
        )
        shutil.rmtree(TARGET, ignore_errors=True)
        TARGET.mkdir(parents=True)
        copy(folder / "node_modules", TARGET, lock)


def copy(packages: Path, target: Path, lock: dict[str, dict[str, str]]) -> None:
    """The files, the license texts in one file, and the list of all."""
    rows, texts = [], []
    for one in WANTED:
        about = lock[one.package]
        text = (packages / one.package / one.license_file).read_text("utf-8").strip()
        title = f"{one.package} {about['version']} ({about['license']})"
        texts.append(f"{title}\n{'=' * len(title)}\n\n{text}\n")
        for source, name in one.files.items():
            shutil.copyfile(packages / one.package / source, target / name)
            rows.append(_row(one.package, about, source, target / name))
    (target / LICENSES).write_text("\n\n".join(texts), "utf-8")
    listed = {"files": rows, "licenses": {"file": LICENSES, "sha384": sha384(target / LICENSES)}}
    (target / LIST).write_text(json.dumps(listed, indent=2) + "\n", "utf-8")


def _row(package: str, about: dict[str, str], source: str, file: Path) -> dict[str, str]:
    return {
        "name": package,
        "version": about["version"],
        "license": about["license"],
        "source": source,
        "file": file.name,
        "sha384": sha384(file),
        "package_integrity": about["integrity"],
    }


def locked(lock: Path) -> dict[str, dict[str, str]]:
    """Version, license and tarball hash of each package by its name."""
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    return {path.removeprefix("node_modules/"): about for path, about in packages.items() if path}


def differences(target: Path, lock: dict[str, dict[str, str]]) -> list[str]:
    """What in the tree is not as the list or the lock say, a sentence each."""
    listed = json.loads((target / LIST).read_text("utf-8"))
    hashes = {row["file"]: row["sha384"] for row in (*listed["files"], listed["licenses"])}
    there = {path.name for path in target.iterdir()} - {LIST}
    faults = [f"{name} is not in {LIST}" for name in sorted(there - set(hashes))]
    for name, expected in hashes.items():
        if name not in there:
            faults.append(f"{name} is missing")
        elif sha384(target / name) != expected:
            faults.append(f"{name} is not what {LIST} says")
    for row in listed["files"]:
        about = lock.get(row["name"], {})
        if (row["version"], row["package_integrity"]) != (about.get("version"), about.get("integrity")):
            faults.append(f"{row['name']} is not the version of the lock: run scripts/vendor_web.py")
    wanted = {name for one in WANTED for name in one.files.values()}
    faults += [f"{name} is not listed" for name in sorted(wanted - set(hashes))]
    return faults


def sha384(file: Path) -> str:
    """As subresource integrity writes it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()


if __name__ == "__main__":
    raise SystemExit(main())
