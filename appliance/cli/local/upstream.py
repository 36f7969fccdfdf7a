"""`carrel upstream`: keys for the hosts of models elsewhere. A key comes from the keyboard or a pipe, never
from the command line, where every user of the machine could read it.
"""

import sys
from typing import Final

import click

from appliance.cli.desk import Desk
from appliance.domain.results import UpstreamKey
from appliance.errors import BadRequest
from appliance.upstreams.secrets import MOST_BYTES, Secrets


def key(desk: Desk, *, name: str, forget: bool) -> UpstreamKey:
    """Store one, or forget it. Raises ``BadRequest``, ``ConfigInvalid``."""
    secrets = Secrets(desk.places.upstream_keys_dir)
    if forget:
        secrets.forget(name)
        return UpstreamKey(name=name, stored=False)
    secrets.write(name, _asked(desk, name))
    return UpstreamKey(name=name, stored=True)


def _asked(desk: Desk, name: str) -> str:
    if desk.asks and sys.stdin.isatty():
        return str(click.prompt(f"The key {name}", hide_input=True, err=True))
    given = sys.stdin.read(MOST_BYTES + 2)
    if not given.strip():
        raise BadRequest(f"No key came. Pipe it in: `carrel upstream key {name} < FILE`.", param="key")
    return given


HANDLERS: Final = {"key": key}
