"""Passphrases of keys that sign: from the keyboard or a pipe, never from the command line."""

import sys
from typing import Final

import click

from appliance.catalog.publishing.keys import AskPassphrase
from appliance.cli.desk import Desk
from appliance.errors import BadRequest

_LONGEST: Final = 1024


def ask_passphrase(desk: Desk) -> AskPassphrase:
    """Of keys that are there; from a pipe one passphrase comes for all of them."""
    piped: list[bytes] = []

    def ask(use: str) -> bytes:
        if desk.asks and sys.stdin.isatty():
            return str(click.prompt(f"Passphrase of the key for {use}", hide_input=True, err=True)).encode()
        if not piped:
            piped.append(sys.stdin.readline(_LONGEST).rstrip("\n").encode())
        return piped[0]

    return ask


def new_passphrase(desk: Desk) -> bytes:
    """Of keys that are being made. Raises ``BadRequest``."""
    if desk.asks and sys.stdin.isatty():
        words = "Passphrase of the new keys"
        return str(click.prompt(words, hide_input=True, confirmation_prompt=True, err=True)).encode()
    given = sys.stdin.readline(_LONGEST).rstrip("\n").encode()
    if not given:
        raise BadRequest("No passphrase came. Pipe it in, or leave out `--passphrase`.", param="passphrase")
    return given
