"""`carrel report open`: a reviewer reads a shared prompt; the box never has their private key."""

from typing import Final

from appliance.cli.desk import Desk, expected
from appliance.cli.local.sample import opened
from appliance.domain.results.samples import OpenedContent, SealedContent
from appliance.trust.sealing import PrivateKey


def open_report(desk: Desk, *, id: str, key: str) -> OpenedContent:
    """Raises ``NotFound``, ``BadRequest`` for no key, ``IntegrityFailed`` for another's."""
    private = PrivateKey.read(key)
    with desk.gateway() as gateway:
        fetched = expected(gateway.run("report.fetch", {"id": id}), SealedContent)
    return opened(fetched, private)


HANDLERS: Final = {"open": open_report}
