"""The gate of duties: what a project owes and has not done in time ends its requests."""

from typing import Final

from appliance.services.admission.gates import Asked
from appliance.services.duties.duties import RULE, Duties


class DutiesGate:
    """Also tells what is still to be done while there is time."""

    name: Final = RULE

    def __init__(self, duties: Duties) -> None:
        self._duties = duties

    def let(self, asked: Asked) -> Asked:
        """Raises ``NotPermitted``."""
        notice = self._duties.check_request(asked.caller.project_id)
        return asked.noticed(notice) if notice else asked
