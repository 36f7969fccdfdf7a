"""A project's year: 365 days, counted from when the project was made."""

from appliance.domain.people import Project
from appliance.policy.duties.table import YEAR_MS


def year_start_ms(project: Project, now_ms: int) -> int:
    """When the year that goes on at ``now_ms`` began. Nobody can change when a project was made, so that no
    count begins anew before its time.
    """
    return project.created_ms + max(0, now_ms - project.created_ms) // YEAR_MS * YEAR_MS
