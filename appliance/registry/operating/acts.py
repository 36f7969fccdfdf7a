"""What was done to the registry, as its own audit has it."""

from collections.abc import Sequence

from appliance.registry.operating.office import Office
from appliance.registry.store import audit
from appliance.registry.store.audit import AuditRow


def list_acts(office: Office, most: int) -> Sequence[AuditRow]:
    """Newest first."""
    with office.database.reading() as session:
        return audit.newest(session, most)
