"""Which address of this machine the box listens on: the one that was named, the only one, or one chosen."""

from collections.abc import Callable, Sequence

import click

from appliance.cli.desk import Desk
from appliance.errors import ConfigInvalid
from appliance.lan.interfaces import Interface, candidates, is_own


def chosen_address(desk: Desk, named: str | None, found: Sequence[Interface]) -> str:
    """``named`` is what was given with the command, or is set already.

    Raises ``ConfigInvalid`` with the addresses that there are: for another machine's, for none, and for
    several where nobody is there to be asked.
    """
    if named:
        return _own(named, found)
    likely = candidates(found)
    if not likely:
        raise ConfigInvalid(
            "This machine has no address on a network; `ip address` shows what it has.", param="lan_host"
        )
    if len(likely) == 1:
        return likely[0].address
    if not desk.asks:
        raise ConfigInvalid(
            f"This machine has several addresses, {said(likely)}; name the one that the class is on: "
            f"`carrel up --lan --lan-host {likely[0].address}`.",
            param="lan_host",
        )
    return _asked(likely, desk.progress)


def said(found: Sequence[Interface]) -> str:
    """``10.20.0.5 (eth0), 10.30.0.5 (wlan0)``."""
    return ", ".join(f"{one.address} ({one.name})" for one in found)


def _own(named: str, found: Sequence[Interface]) -> str:
    if is_own(named, found):
        return named
    there = said(candidates(found)) or "none on a network"
    raise ConfigInvalid(f"This machine has no address {named[:80]}; it has {there}.", param="lan_host")


def _asked(likely: Sequence[Interface], tell: Callable[[str], None]) -> str:
    tell("Which network is the class on?")
    for number, one in enumerate(likely, start=1):
        tell(f"  {number}  {one.address}  {one.name}")
    number = click.prompt("Number", type=click.IntRange(1, len(likely)), default=1, err=True)
    return likely[number - 1].address
