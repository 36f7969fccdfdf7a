"""Who is at the admin socket, and what that lets them do."""

from dataclasses import dataclass

from appliance.domain.action import Action, Permission
from appliance.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Operator:
    """A person or program of this machine, known by its user id."""

    uid: int
    permission: Permission


def operator_of(peer_uid: int | None, own_uid: int) -> Operator:
    """Root and the gateway's own user administer; others who can open the socket (its group) may look.

    Raises ``NotAllowed`` where the kernel did not say who it is.
    """
    if peer_uid is None:
        raise NotAllowed(
            "The admin API answers only over its Unix socket; use the `carrel` command on the box."
        )
    admin = peer_uid in {0, own_uid}
    return Operator(uid=peer_uid, permission=Permission.ADMIN if admin else Permission.READ)


def check_permission(operator: Operator, action: Action) -> None:
    """Raises ``NotAllowed`` if the action needs more than the operator holds."""
    if action.permission is Permission.ADMIN and operator.permission is not Permission.ADMIN:
        verb = action.name.replace(".", " ")
        raise NotAllowed(f"You may look, not change: `{verb}` is for root and the user that runs Carrel.")
