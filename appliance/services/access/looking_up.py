"""Finds the application that somebody means, if they may see it."""

from appliance.domain.access import Application
from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.errors import NotFound
from appliance.services.access.ports import Applications


async def require_application(applications: Applications, id: str, actor: Actor) -> Application:
    """Raises ``NotFound``, also for a member who asks for another's."""
    found = await applications.get(id)
    if found is None or not may_see(found, actor):
        raise NotFound("There is no application of this id.", param="id")
    return found


def may_see(application: Application, actor: Actor) -> bool:
    """By key, people see their own, of the key's project: a key that another project's lead made for them
    shows nothing of this one.
    """
    theirs = (application.person_id, application.project_id) == (actor.person, actor.project)
    return theirs or actor.permission is not Permission.MEMBER
