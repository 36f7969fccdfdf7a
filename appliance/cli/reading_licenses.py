"""Shows a person the license that they are about to accept, and asks."""

from collections.abc import Mapping

import click

from appliance.cli.desk import Desk, expected
from appliance.domain.results import LicenseDetail


def with_text_read(desk: Desk, arguments: Mapping[str, object]) -> Mapping[str, object]:
    """The arguments with the hash of the text that was read and accepted; as they are where the hash is there
    already, or nobody to be asked. Raises ``click.Abort`` for a no, and whatever keeps the text from being
    shown.
    """
    if not desk.asks or arguments.get("text"):
        return arguments
    with desk.gateway() as gateway:
        found = gateway.run("license.show", {"model": arguments["model"], "text": True})
    shown = expected(found, LicenseDetail)
    if shown.terms is None or not shown.text or not shown.terms.text_sha256:
        return arguments
    desk.progress(shown.text)
    click.confirm("Do you accept this text?", abort=True, err=True)
    return {**arguments, "text": shown.terms.text_sha256}
