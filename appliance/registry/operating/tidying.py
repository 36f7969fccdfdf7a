"""Forgets what nobody asks for any more. Once a day is enough."""

from typing import Final

from appliance.registry.operating.office import Office
from appliance.registry.store import mailbox, messages, nonces

_DAY_S: Final = 86_400
MESSAGES_S: Final = 180 * _DAY_S
"""A box may be alone for a semester, and ask again then."""
UNFETCHED_S: Final = 400 * _DAY_S
RECEIVED_S: Final = 90 * _DAY_S


def tidy(office: Office) -> None:
    """Raises ``StorageUnavailable``."""
    now_s = office.now_s
    with office.database.transaction() as session:
        nonces.forget(session, now_s)
        messages.forget(session, now_s - MESSAGES_S)
        mailbox.forget(session, received_before_s=now_s - RECEIVED_S, made_before_s=now_s - UNFETCHED_S)
