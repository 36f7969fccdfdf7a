"""A PostgreSQL for the tests of one process: in a temporary folder, on a Unix socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from tests.required import require_postgres

_USER = "carrel"
_QUICKLY = "--no-sync", "--locale=C.UTF-8"
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=64MB",
    "max_connections=60",
)


@dataclass
class PostgresServer:
    """``folder`` holds its socket and its data."""

    folder: Path
    numbers: count = field(default_factory=lambda: count(1))

    def fresh(self):
        """The address of a database with nothing in it."""
        name = f"fresh_{next(self.numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name):
        return f"postgresql://{_USER}@/{name}?host={self.folder}"


@contextmanager
def running_server(settings=_SETTINGS):
    programs = require_postgres()
    folder = Path(tempfile.mkdtemp(prefix="carrel-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        where = "-D", folder / "data"
        _run(programs / "initdb", *where, "-U", _USER, "-A", "trust", "-E", "UTF8", *_QUICKLY)
        options = " ".join(f"-c {one}" for one in (*settings, f"unix_socket_directories={folder}"))
        control = programs / "pg_ctl", *where
        _run(*control, "-w", "-s", "-l", folder / "log", "-o", options, "start")
        try:
            yield PostgresServer(folder)
        finally:
            _run(*control, "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command):
    as_whom = []
    if os.geteuid() == 0:
        as_whom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    done = subprocess.run(
        [*as_whom, *map(str, command)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')[-500:]}")
