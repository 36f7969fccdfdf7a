"""Reads pytest's XML reports: prints the counts of all, then a line for each test that could not run.

A line of one that needs a GPU, on a machine that has none, begins with ``no GPU:``.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

COULD_NOT = "NOT RUN:"
WITHOUT_GPU = "NOT RUN, NO GPU:"


def outcome_of(case: ElementTree.Element) -> str:
    """``passed``, ``failed`` (errors too) or ``skipped``."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def could_not_run(case: ElementTree.Element) -> Iterator[str]:
    """The test and what it missed, if it says that it missed something."""
    for skip in case.iter("skipped"):
        reason = skip.get("message", "")
        for mark, prefix in ((COULD_NOT, ""), (WITHOUT_GPU, "no GPU: ")):
            if reason.startswith(mark):
                missed = reason.removeprefix(mark).strip()
                yield f"{prefix}{case.get('classname')}::{case.get('name')}: {missed}"


def main(names: list[str]) -> None:
    """``names`` are the report files; one that does not exist belongs to a run that broke off."""
    found = [Path(name) for name in names if Path(name).is_file()]
    cases = [case for path in found for case in ElementTree.parse(path).iter("testcase")]
    counts = Counter(outcome_of(case) for case in cases)
    print(", ".join(f"{counts[name]} {name}" for name in ("passed", "failed", "skipped")))
    for case in cases:
        for line in could_not_run(case):
            print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
