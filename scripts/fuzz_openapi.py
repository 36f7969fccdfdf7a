"""Runs Schemathesis over a real box's own OpenAPI document.

    python scripts/fuzz_openapi.py --cases-each 300 --out scripts/results/fuzz_openapi.json

Schemathesis lives in `.venv-clients`, which scripts/test.sh builds. Nothing may be answered with a 5xx but a
deliberate 501 or 503, and the processes must be the same afterwards.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from fuzz_bodies import DEMO, pids
from model_box import ModelBox

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / ".venv-clients" / "bin" / "schemathesis"
SETTINGS = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 501, 503]
"""


def statuses(report: Path) -> Counter[int]:
    """Of all cases that Schemathesis sent."""
    counted: Counter[int] = Counter()
    for line in report.open():
        for status in _statuses_in(json.loads(line)):
            counted[status] += 1
    return counted


def _statuses_in(value: object) -> list[int]:
    """Every `status_code` of an event, however deep it stands."""
    if isinstance(value, dict):
        found = [value["status_code"]] if isinstance(value.get("status_code"), int) else []
        return found + [status for part in value.values() for status in _statuses_in(part)]
    if isinstance(value, list):
        return [status for part in value for status in _statuses_in(part)]
    return []


def run(box: ModelBox, folder: Path, cases_each: int, workers: int, seed: int) -> dict:
    """One whole run."""
    settings, report = folder / "schemathesis.toml", folder / "events.ndjson"
    settings.write_text(SETTINGS)
    before = pids(box)
    words = [
        PROGRAM, "--config-file", settings, "run", f"http://127.0.0.1:{box.port}/openapi.json",
        "--header", f"Authorization: Bearer {box.new_key('schemathesis')}",
        "--checks", "not_a_server_error", "--max-examples", str(cases_each), "--workers", str(workers),
        "--phases", "examples,coverage,fuzzing", "--request-timeout", "30", "--seed", str(seed),
        "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off",
        "--report", "ndjson", "--report-ndjson-path", report,
    ]  # fmt: skip
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, text=True, check=False)
    print(done.stdout[-6000:], done.stderr[-2000:], file=sys.stderr)
    counted = statuses(report)
    return {
        "cases": counted.total(),
        "statuses": dict(sorted(counted.items())),
        "exit_code": done.returncode,
        "same_processes": before == pids(box),
    }


def main() -> int:
    """Run and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--cases-each", type=int, default=300)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ModelBox(
            DEMO, folder / "home", context_tokens=512, sequences=16, vectors=True, docs_access="open"
        ) as box:
            result = run(box, folder, asked.cases_each, asked.workers, asked.seed)
    text = json.dumps(result, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")
    return 0 if result["exit_code"] == 0 and result["same_processes"] else 1


if __name__ == "__main__":
    sys.exit(main())
