"""The pins are above the versions with known holes (dated: November 2026), and pin all that is asked for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

REPOSITORY = Path(__file__).parents[2]
PINS = {
    name.lower().replace("_", "-"): Version(version)
    for name, version in re.findall(
        r"^([A-Za-z0-9_.-]+)==([^\s;]+)", (REPOSITORY / "packaging/constraints.txt").read_text(), re.MULTILINE
    )
}
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
ASKED = [
    *PROJECT["dependencies"],
    *(one for many in PROJECT["optional-dependencies"].values() for one in many),
]


@pytest.mark.parametrize(
    ("name", "least"),
    [("litestar", "2.22.0"), ("torch", "2.10.0"), ("jinja2", "3.1.6"), ("llama-cpp-python", "0.3.36")],
)
def test_no_pin_is_below_a_version_with_a_known_hole(name: str, least: str):
    assert PINS[name] >= Version(least)


@pytest.mark.parametrize("line", ASKED)
def test_every_requirement_is_pinned_inside_its_range(line: str):
    requirement = Requirement(line)
    assert requirement.specifier.contains(PINS[requirement.name.lower().replace("_", "-")])
