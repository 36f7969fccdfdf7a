"""Shows a person the text that they are about to accept or sign, and asks."""

from collections.abc import Callable, Mapping
from typing import Final

import click

from appliance.cli.desk import Desk, expected
from appliance.cli.reading_codes import with_code_read
from appliance.domain.results import AgreementText, LicenseDetail

Given = Mapping[str, object]


def with_license_read(desk: Desk, arguments: Given) -> Given:
    """The arguments with the hash of the license that was read and accepted; as they are where the hash is
    there already, or nobody to be asked. Raises ``click.Abort`` for a no, and whatever keeps the text from
    being shown.
    """
    if not desk.asks or arguments.get("text"):
        return arguments
    with desk.gateway() as gateway:
        found = gateway.run("license.show", {"model": arguments["model"], "text": True})
    shown = expected(found, LicenseDetail)
    if shown.terms is None or not shown.text or not shown.terms.text_sha256:
        return arguments
    return _with_consent(desk, arguments, shown.text, shown.terms.text_sha256)


def with_agreement_read(desk: Desk, arguments: Given) -> Given:
    """The same for the code of conduct."""
    if not desk.asks or arguments.get("text"):
        return arguments
    with desk.gateway() as gateway:
        shown = expected(gateway.run("agreement.show", {}), AgreementText)
    return _with_consent(desk, arguments, shown.text, shown.text_sha256)


READ_FIRST: Final[Mapping[str, Callable[[Desk, Given], Given]]] = {
    "license.accept": with_license_read,
    "agreement.sign": with_agreement_read,
    "fed.enroll": with_code_read,
}
"""By action."""


def _with_consent(desk: Desk, arguments: Given, text: str, sha256: str) -> Given:
    desk.progress(text)
    click.confirm("Do you accept this text?", abort=True, err=True)
    return {**arguments, "text": sha256}
