"""What both APIs of actions share: how much a body may be, and who waits for how long."""

from typing import Final

import msgspec
from litestar.types import Receive

from appliance.domain.action import Action, Kind
from appliance.domain.actor import Actor
from appliance.edge.bodies import BodyLimits
from appliance.edge.leaving import while_connected
from appliance.services.binding import Operations

PLAIN_BYTES: Final = 64 * 1024
"""Of arguments that are no files."""
BYTES_PER_CHARACTER: Final = 4


def body_limits(action: Action) -> BodyLimits:
    """What the arguments of an action may take: little, and the files that it is given."""
    files = sum(one.most for one in action.arguments if one.kind is Kind.FILE)
    return BodyLimits(most_bytes=PLAIN_BYTES + BYTES_PER_CHARACTER * files)


async def carried_out(
    receive: Receive, operations: Operations, action: Action, arguments: dict[str, object], actor: Actor
) -> msgspec.Struct:
    """The action's result. What is done in a moment is done whole, whoever has left meanwhile; what takes
    long ends with its caller.
    """
    if not action.long:
        return await operations.run(action.name, arguments, actor)
    async with while_connected(receive):
        return await operations.run(action.name, arguments, actor)
