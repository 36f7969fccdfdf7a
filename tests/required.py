"""What a test needs of the machine. Missing, it is reported as not run; where all is required, it fails."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


def not_run(reason: str) -> NoReturn:
    """End this test as not run; under ``CARREL_TEST_REQUIRE=all`` as failed."""
    if os.environ.get("CARREL_TEST_REQUIRE") == "all":
        pytest.fail(f"required and cannot run: {reason}")
    pytest.skip(f"NOT RUN: {reason}", allow_module_level=True)


def not_run_without_gpu(reason: str) -> NoReturn:
    """As ``not_run``, for what needs an NVIDIA GPU. A machine that has none can do nothing about it: there
    the test is listed as not run and is no failure, also where all is required.
    """
    if NVIDIA_DRIVER.exists():
        not_run(reason)
    pytest.skip(f"NOT RUN, NO GPU: {reason}", allow_module_level=True)


def require_vllm() -> None:
    """Go on only where vLLM is installed with a GPU to compute on."""
    if find_spec("vllm") is None or not NVIDIA_DRIVER.exists():
        not_run_without_gpu("vLLM with CUDA is not installed (the handbook's page on engines says how)")


def require_strace() -> None:
    """Go on only where strace is installed."""
    if shutil.which("strace") is None:
        not_run("strace is not installed (scripts/test_services.sh installs it)")


def require_postgres() -> Path:
    """Go on only where PostgreSQL's own programs are; where they lie."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[4].zfill(4))
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path))
    if not found:
        not_run("PostgreSQL is not installed (scripts/test_services.sh installs it)")
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or not _has_user("postgres")):
        not_run("PostgreSQL does not run as root, and there is no user postgres to run it as")
    return found[-1].parent


def _has_user(name: str) -> bool:
    return any(user.pw_name == name for user in pwd.getpwall())


def require_torch() -> None:
    """Go on only where the extra ``torch`` is installed; for a whole file, before it imports any of it."""
    missing = [name for name in ("torch", "transformers", "bitsandbytes") if find_spec(name) is None]
    if missing:
        not_run(f"the extra torch is not installed ({', '.join(missing)} missing)")


def require_chromium() -> Path:
    """Go on only where Chromium and what drives it are installed; where its program lies."""
    if find_spec("playwright") is None:
        not_run("playwright is not installed (the extra dev has it)")
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    not_run("Chromium is not installed (scripts/test_services.sh installs it)")


def require_network_namespace() -> tuple[str, ...]:
    """Go on only where a network namespace of one's own can be made, with a loopback; the words before a
    command that is to run in one.
    """
    words = ("unshare", "-n") if os.geteuid() == 0 else ("unshare", "-rn")
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        not_run("unshare or ip is not installed (scripts/test_services.sh installs iproute2)")
    probe = subprocess.run([*words, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    if probe.returncode != 0:
        not_run("this machine lets nobody make a network namespace")
    return (*words, "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


def require_program(name: str) -> str:
    """Go on only where a program is on the path; where it lies."""
    found = shutil.which(name)
    if found is None:
        not_run(f"{name} is not installed (scripts/test_services.sh installs it)")
    return found
