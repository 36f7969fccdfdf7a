"""Licenses of the box as it runs: acceptances that are believed, wanted models that have all they want."""

from appliance.cli.checks.verdicts import ok, warn
from appliance.cli.desk import Desk, expected
from appliance.domain.results import Check, LicenseList
from appliance.errors import CarrelError


def licenses(listed: LicenseList | CarrelError) -> Check:
    """A box that is down has none to look at."""
    if isinstance(listed, CarrelError):
        return ok("licenses", "the box does not run; acceptances are looked at while it does")
    if listed.not_believed:
        return warn(
            "licenses",
            f"{listed.not_believed} acceptances are not what this box's key signed, and do not count",
            "`carrel license list` says which models lack one; accept their licenses again",
        )
    accepted = sum(1 for one in listed.models if one.acceptance != "none" and one.lacks != "acceptance")
    return ok("licenses", f"every acceptance is as it was signed ({accepted} licenses accepted)")


def look(desk: Desk) -> list[Check]:
    """For this desk's box."""
    try:
        with desk.gateway() as gateway:
            return [licenses(expected(gateway.run("license.list"), LicenseList))]
    except CarrelError as error:
        return [licenses(error)]
