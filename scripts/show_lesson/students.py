"""Thirty students: each joins with the code, without scripts, then runs a program of their own."""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

_HERE = Path(__file__).parent
_OPTION = re.compile(r'<option value="(\d+)">([^<]+)</option>')
_KEY = re.compile(r"crl_[0-9A-Za-z]+")


@dataclass(frozen=True)
class Student:
    """Somebody who has joined. ``took_s`` is from the code to the key."""

    name: str
    key: str
    took_s: float


@dataclass(frozen=True)
class Asked:
    """What became of one program. ``first_s`` is its time to the first word, None where there was none."""

    name: str
    first_s: float | None
    said: str


def join_all(url: str, code: str) -> list[Student]:
    """Each in a thread of their own, all at once."""
    with httpx.Client() as first:
        names = _OPTION.findall(first.get(f"{url}/join", params={"code": code}).text)
    with ThreadPoolExecutor(len(names)) as crowd:
        return list(crowd.map(lambda one: join(url, code, *one), names))


def join(url: str, code: str, number: str, name: str) -> Student:
    began_s = time.monotonic()
    with httpx.Client(timeout=60) as browser:
        browser.get(f"{url}/join", params={"code": code}).raise_for_status()
        page = browser.post(f"{url}/join", data={"code": code, "number": number}, headers={"origin": url})
    found = _KEY.search(page.text)
    if page.status_code != 200 or found is None:
        sys.exit(f"{name} could not join: {page.status_code}\n{page.text[:2000]}")
    return Student(name, found[0], time.monotonic() - began_s)


def ask_all(students: list[Student], url: str, question: str) -> list[Asked]:
    """A process each, with nothing but two variables; all ask at the same moment."""
    words = [sys.executable, str(_HERE / "student.py"), question]
    programs = [_started(words, one, url) for one in students]
    for program in programs:
        assert program.stdout is not None
        program.stdout.readline()
    with ThreadPoolExecutor(len(students)) as crowd:
        return list(crowd.map(_asked, students, programs))


def _asked(student: Student, program: subprocess.Popen[str]) -> Asked:
    said, wrong = program.communicate("go\n", timeout=120)
    if program.returncode:
        return Asked(student.name, None, wrong[-400:])
    return Asked(student.name, json.loads(said)["first_s"], said)


def abuse(student: Student, url: str, times: int) -> subprocess.Popen[str]:
    return _started([sys.executable, str(_HERE / "abuser.py"), str(times)], student, url)


def _started(words: list[str], student: Student, url: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    variables = _two_variables(student, url)
    return subprocess.Popen(words, env=variables, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def _two_variables(student: Student, url: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return {**kept, "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": student.key}
