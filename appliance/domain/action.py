"""What an operator's action is: its name, arguments, result type, permission and blast radius."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Permission(StrEnum):
    """What somebody must hold. At the admin socket each contains the one before it; a lead's is held for one
    project only.
    """

    READ = "read"
    REVIEW = "review"
    """Deciding on applications, incidents and samples."""
    ADMIN = "admin"
    LEAD = "lead"
    """By key over TCP, for the projects that one leads."""
    MEMBER = "member"
    """By key over TCP, for oneself."""


class Audience(StrEnum):
    """To whom an action is served beside operators, over TCP."""

    OPERATORS = "operators"
    """To nobody else."""
    LEADS = "leads"
    """``POST /v1/projects/{project}/noun/verb``, to those who lead the project: it has an argument
    ``project``, which the path gives."""
    MEMBERS = "members"
    """``POST /v1/me/noun/verb``: arguments ``person`` and ``project`` are those of the key that was sent."""
    LEADS_AND_MEMBERS = "leads and members"
    """Both: a lead gives the person, a member is the person."""


class Blast(StrEnum):
    """What can be lost by it: decides how hard a front end asks back."""

    NONE = "none"
    REVERSIBLE = "reversible"
    INTERRUPTS = "interrupts"
    """Work in flight ends."""
    DESTROYS = "destroys"
    """Data are gone or people are cut off."""


class Place(StrEnum):
    """Where it is carried out."""

    GATEWAY = "gateway"
    LOCAL = "local"
    """In the command itself; works with no gateway."""


class Kind(StrEnum):
    """The type of an argument on every surface."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    """A decimal number carried as text, so that money is never a float."""
    FLAG = "flag"
    FILE = "file"
    """The text of a file. The command line takes its path, or ``-`` for standard input, and reads it."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. ``positional`` ones are given in order on the command line, the others as ``--name``.

    ``most`` bounds the length of a text or the value of an integer, ``least`` the value of an integer.
    """

    name: str
    kind: Kind
    help: str
    required: bool = False
    positional: bool = False
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    asked_with: str = ""
    """A terminal asks for it where the argument of that name was given and this one was not."""
    least: int = 0
    most: int = 200
    is_id: bool = False
    """It is the id of a thing, whatever it is called: the audit log keeps it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One row: ``noun verb`` on the command line, ``/admin/v1/noun/verb`` on the socket, ``noun.verb`` as
    its name. A noun of two words is one within another; only local actions have such.
    """

    noun: str
    verb: str
    summary: str
    result: type[msgspec.Struct]
    permission: Permission = Permission.ADMIN
    blast: Blast = Blast.NONE
    place: Place = Place.GATEWAY
    long: bool = False
    """It may take hours: its caller waits however long that is, and it ends when its caller leaves."""
    audience: Audience = Audience.OPERATORS
    lists: bool = False
    """It only lists what waits for somebody: no row of the audit log, whoever may ask, so that a screen can
    ask again and again. Looking into one of them is a row.
    """
    follows: str = ""
    """It begins something that goes on in the box. The action of this name tells how that stands, by the
    ``id`` of the result; the command line follows it to its end."""
    saves: str = ""
    """The command line can write what it answers into a file, with ``--output``: what that file is."""
    arguments: tuple[Argument, ...] = ()

    @property
    def name(self) -> str:
        """``noun.verb``, or the verb alone where there is no noun."""
        return f"{self.noun}.{self.verb}".replace(" ", ".") if self.noun else self.verb
