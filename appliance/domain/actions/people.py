"""What is done about persons."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission
from appliance.domain.actions.rows import flag, integer, text

ROSTER_CHARACTERS: Final = 1_000_000

_ID: Final = text("person", "Id of the person.", required=True, positional=True, most=64)
_ROLE: Final = text(
    "role",
    "What they are for the whole box, where they have a login.",
    choices=("member", "reviewer", "admin"),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "person",
        "new",
        "Add a person.",
        results.PersonList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("person", "Id: a-z, 0-9, dot, dash, underscore.", required=True, positional=True, most=64),
            text("name", "Their name for people; the id if left out.", most=100),
            text("email", "Where they are written to; nobody else sees it.", most=254),
            text("login", "Their user on this machine: what their role allows, they do there.", most=64),
            _ROLE,
            text("project", "A project that they belong to from now on.", most=64),
            flag("lead", "They lead that project."),
        ),
    ),
    Action(
        "person",
        "set",
        "Change what is known of a person, or their role.",
        results.PersonList,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ID,
            text("name", "Their name for people.", most=100),
            text("email", "Where they are written to; `none` for nowhere.", most=254),
            text("login", "Their user on this machine; `none` for none.", most=64),
            _ROLE,
        ),
    ),
    Action(
        "person",
        "list",
        "Everybody, or everybody of a project.",
        results.PersonList,
        Permission.READ,
        arguments=(text("project", "Only who belongs to this project.", most=64),),
    ),
    Action(
        "person",
        "show",
        "One person: where they belong, and their keys.",
        results.PersonShown,
        Permission.READ,
        arguments=(_ID,),
    ),
    Action(
        "person",
        "end",
        "Suspend a person: nothing is computed for them any more. `person resume` undoes it.",
        results.PersonList,
        blast=Blast.INTERRUPTS,
        arguments=(_ID,),
    ),
    Action(
        "person",
        "resume",
        "End the suspension of a person: their keys work again.",
        results.PersonList,
        blast=Blast.REVERSIBLE,
        arguments=(_ID,),
    ),
    Action(
        "person",
        "import",
        "Add everybody in a class list to a project: a CSV file as Canvas, Moodle, nbgrader or GitHub "
        "Classroom export it.",
        results.RosterImport,
        blast=Blast.REVERSIBLE,
        arguments=(
            Argument(
                "file",
                Kind.FILE,
                "The file, or `-` for standard input.",
                required=True,
                positional=True,
                most=ROSTER_CHARACTERS,
            ),
            text("project", "The project that they belong to from now on.", required=True, most=64),
            text("part", "What they are in it.", default="member", choices=("member", "lead")),
            flag("key", "Make a key in the project for each who has none; shown once, in this answer."),
            integer("expires_days", "Days until those keys expire; never if left out.", least=1, most=3650),
            flag("keep_email", "Keep the e-mail addresses that are in the file."),
            flag("dry_run", "Change nothing; show what would happen."),
        ),
    ),
)
