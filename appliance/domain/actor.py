"""Who carries out an action, and from where."""

from dataclasses import dataclass

from appliance.domain.action import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """``name`` is how the audit log tells it: ``uid 0`` at the admin socket, a person's id by a key.

    ``person`` is empty for an operator who is no person of the box. ``project`` is the one that a key is of,
    empty at the socket. ``key_id`` is that key. ``origin`` is ``socket``, or the address that a request came
    from.
    """

    name: str
    permission: Permission
    person: str = ""
    project: str = ""
    origin: str = "socket"
    key_id: str = ""

    @property
    def known_as(self) -> str:
        """As records of decisions name them: the person, where it is known which."""
        return self.person or self.name
