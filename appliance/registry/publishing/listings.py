"""Takes in the list that an organization signed for its own models: only of a box that was let in for that
organization, and only with the signature of the key that the registry's own list names.
"""

import base64
import binascii
from typing import Final

from appliance.errors import BadRequest, CarrelError, Conflict, IntegrityFailed, NotFound, StorageUnavailable
from appliance.federation.protocol.kinds import LISTING
from appliance.federation.protocol.messages import Listing
from appliance.federation.protocol.replies import ProblemName, Refused
from appliance.registry.publishing.web_catalog import WebCatalog
from appliance.registry.receiving.ports import Handled, Incoming
from appliance.registry.store.database import Session

_TITLE_LENGTH: Final = 300
_NAMES: Final[tuple[tuple[type[CarrelError], ProblemName], ...]] = (
    (NotFound, "not-entitled"),
    (IntegrityFailed, "bad-signature"),
    (Conflict, "conflict"),
    (StorageUnavailable, "maintenance"),
    (BadRequest, "schema"),
)


class Listings:
    """Boxes see it at their next refresh."""

    kind = LISTING
    repeatable = True
    """The same list again changes nothing."""

    def __init__(self, catalog: WebCatalog) -> None:
        self._catalog = catalog

    def handle(self, _session: Session, incoming: Incoming) -> Handled:
        """Raises ``Refused``: ``not-yours``, ``not-entitled``, ``bad-signature``, ``conflict`` …"""
        listing: Listing = incoming.message
        if not incoming.box.organization or listing.organization != incoming.box.organization:
            raise Refused("not-yours", "This box was not let in for that organization.")
        files = {one.path: _bytes(one.data) for one in listing.files}
        try:
            self._catalog.take_in(listing.organization, _bytes(listing.metadata), files)
        except (BadRequest, Conflict, IntegrityFailed, NotFound, StorageUnavailable) as error:
            name = next(name for kind, name in _NAMES if isinstance(error, kind))
            raise Refused(name, _title(name, error)) from error
        return Handled()


def _title(name: ProblemName, error: CarrelError) -> str:
    if name == "not-entitled":
        return "The registry does not let this organization sign yet: give it the organization's public key."
    return error.message[:_TITLE_LENGTH]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("schema", "A file of the list is not written in base64.") from error
