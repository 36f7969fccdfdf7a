"""What a test needs of the machine. Missing, it is reported as not run; where all is required, it fails."""

import os
import shutil
from typing import NoReturn

import pytest


def not_run(reason: str) -> NoReturn:
    """End this test as not run; under ``CARREL_TEST_REQUIRE=all`` as failed."""
    if os.environ.get("CARREL_TEST_REQUIRE") == "all":
        pytest.fail(f"required and cannot run: {reason}")
    pytest.skip(f"NOT RUN: {reason}")


def require_strace() -> None:
    """Go on only where strace is installed."""
    if shutil.which("strace") is None:
        not_run("strace is not installed (scripts/test_services.sh installs it)")
