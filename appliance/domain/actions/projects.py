"""What is done to projects, and to who belongs to them."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Audience, Blast, Permission
from appliance.domain.actions.rows import flag, integer, text

_ID: Final = text("project", "Project id.", required=True, positional=True, most=64)
_OF: Final = text("project", "Project id.", required=True, most=64)
_WHO: Final = text("person", "Id of the person.", required=True, positional=True, most=64)
_DESCRIBED: Final[tuple[Argument, ...]] = (
    text("title", "Its name for people."),
    text(
        "kind",
        "What it is: in a course the lead signs for all, and looks first at what is odd.",
        choices=("research", "course", "evaluation"),
    ),
    text("purpose", "What it does with models, in a sentence: its use is compared with that.", most=2000),
    text("tags", "Domains of particular care, with commas, such as health,children; `none` for none."),
    text("starts", "First day (UTC), such as 2026-10-01; `none` for at once.", most=10),
    text("ends", "Last day (UTC), such as 2027-02-28; `none` for without end.", most=10),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "project",
        "new",
        "Create a project.",
        results.ProjectList,
        blast=Blast.REVERSIBLE,
        arguments=(
            text("project", "Id: a-z, 0-9, dot, dash, underscore.", required=True, positional=True, most=64),
            *_DESCRIBED,
            text("lead", "Id of the person who leads it.", most=64),
        ),
    ),
    Action(
        "project",
        "set",
        "Change what a project is, its dates, its share of busy models, and whether members share prefixes.",
        results.ProjectList,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ID,
            *_DESCRIBED,
            integer(
                "weight",
                "Its share relative to other projects; 2 gets twice as much as 1.",
                least=1,
                most=1000,
            ),
            text(
                "share_prefixes",
                "Compute a beginning that members' prompts have in common once; then members can tell "
                "by the time to the first token that someone sent the same beginning before.",
                choices=("yes", "no"),
            ),
        ),
    ),
    Action("project", "list", "All projects.", results.ProjectList, Permission.READ),
    Action(
        "project",
        "show",
        "One project: what it is for, its dates, and who belongs to it.",
        results.ProjectShown,
        Permission.READ,
        audience=Audience.LEADS,
        arguments=(_ID,),
    ),
    Action(
        "project",
        "close",
        "Close a project: nothing is computed for it any more. `project reopen` undoes it.",
        results.ProjectList,
        blast=Blast.INTERRUPTS,
        arguments=(_ID,),
    ),
    Action(
        "project",
        "reopen",
        "Open a project that was closed.",
        results.ProjectList,
        blast=Blast.REVERSIBLE,
        arguments=(_ID,),
    ),
    Action(
        "member",
        "add",
        "Let a person belong to a project, or change their part in it.",
        results.MemberList,
        blast=Blast.REVERSIBLE,
        audience=Audience.LEADS,
        arguments=(_WHO, _OF, flag("lead", "They lead it: they add members and make keys.")),
    ),
    Action(
        "member",
        "remove",
        "Let a person belong to a project no more: their keys in it stop working.",
        results.MemberList,
        blast=Blast.INTERRUPTS,
        audience=Audience.LEADS,
        arguments=(_WHO, _OF),
    ),
    Action(
        "member",
        "list",
        "Who belongs to a project.",
        results.MemberList,
        Permission.READ,
        audience=Audience.LEADS,
        arguments=(_OF,),
    ),
)
