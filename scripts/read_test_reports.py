"""Reads pytest's XML reports: prints the counts of all, then a line for each test that could not run, and one
for each that failed in an earlier report and passed in a later one.

A line of a test that needs a GPU, on a machine that has none, begins with ``no GPU:``; one of a test that
failed and passed, with ``unstable:``.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
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
    """What the test missed, if it says that it missed something."""
    for skip in case.iter("skipped"):
        reason = skip.get("message", "")
        for mark, prefix in ((COULD_NOT, ""), (WITHOUT_GPU, "no GPU: ")):
            if reason.startswith(mark):
                yield f"{prefix}{name_of(case)}: {reason.removeprefix(mark).strip()}"


def name_of(case: ElementTree.Element) -> str:
    """Of one test in all reports."""
    return f"{case.get('classname')}::{case.get('name')}"


def outcomes_by_test(report: list[ElementTree.Element]) -> dict[str, str]:
    """A test that passes and fails in its teardown stands there twice, and has failed."""
    outcomes: dict[str, str] = {}
    for case in report:
        if outcomes.get(name_of(case)) != "failed":
            outcomes[name_of(case)] = outcome_of(case)
    return outcomes


def main(names: list[str]) -> None:
    """``names`` are the report files, earlier ones first; one that does not exist belongs to a run that broke
    off.
    """
    found = [Path(name) for name in names if Path(name).is_file()]
    reports = [list(ElementTree.parse(path).iter("testcase")) for path in found]
    outcomes: dict[str, str] = {}
    unstable = []
    for report in reports:
        now = outcomes_by_test(report)
        unstable += [test for test in now if outcomes.get(test) == "failed" and now[test] == "passed"]
        outcomes |= now
    counts = Counter(outcomes.values())
    print(", ".join(f"{counts[name]} {name}" for name in ("passed", "failed", "skipped")))
    for case in chain.from_iterable(reports):
        for line in could_not_run(case):
            print(line)
    for test in unstable:
        print(f"unstable: {test}")


if __name__ == "__main__":
    main(sys.argv[1:])
