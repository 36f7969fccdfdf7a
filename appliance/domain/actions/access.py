"""What is done about agreements, applications, grants and early access."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Audience, Blast, Kind, Permission
from appliance.domain.actions.rows import file, flag, integer, text

MOST_TEXT: Final = 2**16
"""Characters of an agreement."""
_KINDS: Final = ("conduct", "access")
_TIERS: Final = ("approved", "restricted")
_MODEL: Final = text("model", "Model id, as `carrel model list` shows it.", required=True, positional=True)
_ONE_MODEL: Final = text("model", "Model id; or `--tier`.", positional=True)
_TIER: Final = text("tier", "Instead of one model: all models of this tier and below.", choices=_TIERS)
_PROJECT: Final = text("project", "Project id.", required=True, most=64)
_PERSON: Final = text("person", "Person id.", most=64)
_ID: Final = text("id", "Id of the application.", required=True, positional=True, most=64)
_KIND: Final = text("kind", "Which text.", positional=True, choices=_KINDS, default="conduct")
_DAYS: Final = integer("days", "Days until it runs out.", least=1, most=3650)
_CONDITIONS: Final = text("conditions", "Under which conditions.", most=1000)
_WHICH: Final = text("model", "Which model, where the application is for a tier.")
_MEMBERS: Final = Audience.MEMBERS

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "agreement",
        "list",
        "Versions of the code of conduct and of the agreement of applications.",
        results.AgreementList,
        Permission.READ,
    ),
    Action(
        "agreement",
        "show",
        "An agreement's newest text, and how it is signed.",
        results.AgreementText,
        Permission.READ,
        audience=_MEMBERS,
        arguments=(_KIND,),
    ),
    Action(
        "agreement",
        "publish",
        "Publish a text of the lab's own: whoever signed an older one is asked again.",
        results.AgreementList,
        blast=Blast.REVERSIBLE,
        arguments=(
            file("file", "A text file, UTF-8.", required=True, positional=True, most=MOST_TEXT),
            text("kind", "Which text it replaces.", choices=_KINDS, default="conduct"),
            text("asks_from", "Day (UTC, such as 2026-10-01) until which older signatures count.", most=10),
        ),
    ),
    Action(
        "agreement",
        "sign",
        "Sign the code of conduct: for a project whose keys are of nobody, or for a person.",
        results.SignatureSummary,
        blast=Blast.REVERSIBLE,
        audience=_MEMBERS,
        arguments=(
            text(
                "text",
                "The first 12 or more hex digits of the text's SHA-256, from `carrel agreement show`. On a "
                "terminal it is asked for, and the text shown.",
                most=64,
            ),
            text("project", "Project id.", default="default", most=64),
            text("person", "For this person alone, who signed on paper: their id.", most=64),
            text("who", "Who signs for the project.", most=100),
            text("purpose", "What the project does with models, where it does not say so yet.", most=2000),
        ),
    ),
    Action(
        "access",
        "apply",
        "Apply for a model, or a tier, for a project.",
        results.ApplicationSummary,
        blast=Blast.REVERSIBLE,
        audience=_MEMBERS,
        permission=Permission.REVIEW,
        arguments=(
            text("project", "Project id.", default="default", most=64),
            _PERSON,
            text("model", "Model id; or `--tier`."),
            _TIER,
            text("affiliation", "Organization that the applicant belongs to.", required=True, most=200),
            text("intended_use", "What it will be used for.", required=True, most=2000),
            text("publications", "Previous related publications; `none` is an answer.", most=2000),
            text(
                "agreement",
                "The first 12 or more hex digits of what is agreed to, from `carrel agreement show access`.",
                required=True,
                most=64,
            ),
            integer("days", "For how many days.", least=1, most=3650),
        ),
    ),
    Action(
        "access",
        "queue",
        "Applications that wait for a reviewer, oldest first.",
        results.ApplicationList,
        Permission.REVIEW,
        lists=True,
    ),
    Action(
        "access",
        "mine",
        "A person's own applications, newest first.",
        results.ApplicationList,
        Permission.REVIEW,
        lists=True,
        audience=_MEMBERS,
        arguments=(_PERSON,),
    ),
    Action(
        "access",
        "show",
        "One application, and what was decided.",
        results.ApplicationSummary,
        Permission.REVIEW,
        audience=_MEMBERS,
        arguments=(_ID,),
    ),
    Action(
        "access",
        "decide",
        "Approve or deny an application.",
        results.ApplicationSummary,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ID,
            flag("approve", "The project gets a grant."),
            flag("deny", "It gets none."),
            integer(
                "days", "Days until the grant runs out; if not given, as asked, or 180.", least=1, most=3650
            ),
            _CONDITIONS,
            text("reason", "Why; the applicant reads it.", required=True, most=1000),
        ),
    ),
    Action(
        "access",
        "withdraw",
        "Take an application back that waits.",
        results.ApplicationSummary,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        audience=_MEMBERS,
        arguments=(_ID,),
    ),
    Action(
        "access",
        "preview",
        "What would leave the box to have the registry countersign an approved application: the exact bytes.",
        results.ApplicationPreview,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        audience=_MEMBERS,
        arguments=(_ID, _WHICH),
    ),
    Action(
        "access",
        "agree",
        "Let what the preview shows leave for the registry.",
        results.ApplicationPreview,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        audience=_MEMBERS,
        arguments=(
            _ID,
            text(
                "sha256",
                "The first 12 or more hex digits of the SHA-256 that the preview tells.",
                required=True,
                most=64,
            ),
            _WHICH,
            text(
                "who",
                "By an operator: who agreed, and how, since it is not their key that says so.",
                most=200,
            ),
        ),
    ),
    Action(
        "access",
        "grant",
        "Let a project use a model of tier approved or restricted, or all models of a tier.",
        results.GrantList,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(
            _ONE_MODEL,
            _PROJECT,
            _TIER,
            integer(
                "days", "Days until it runs out; until it is taken back if not given.", least=1, most=3650
            ),
            _CONDITIONS,
            text("reason", "Why.", most=1000),
        ),
    ),
    Action(
        "access",
        "revoke",
        "Take a grant back: the project's requests to that model end.",
        results.GrantList,
        Permission.REVIEW,
        blast=Blast.INTERRUPTS,
        arguments=(
            _ONE_MODEL,
            _PROJECT,
            _TIER,
            text("reason", "Why; the project's members are told.", most=500),
        ),
    ),
    Action(
        "access",
        "list",
        "Which project may use which model.",
        results.GrantList,
        Permission.READ,
        arguments=(text("project", "Only this project.", most=64),),
    ),
    Action(
        "access",
        "countersign",
        "Take in the registry's signed yes to a grant for a model of tier restricted.",
        results.GrantList,
        blast=Blast.REVERSIBLE,
        arguments=(file("file", "The signed statement.", required=True, positional=True, most=MOST_TEXT),),
    ),
    Action(
        "early",
        "start",
        "Put a model into early access: only for a named group, until a day.",
        results.EarlyList,
        blast=Blast.INTERRUPTS,
        arguments=(
            _MODEL,
            integer("days", "Days until the stage ends.", required=True, least=1, most=730),
            Argument(
                "most", Kind.INTEGER, "How many people it is for at most.", default=36, least=1, most=50
            ),
        ),
    ),
    Action(
        "early",
        "add",
        "Take a person, or everybody who belongs to a project now, into the group.",
        results.EarlyList,
        Permission.REVIEW,
        blast=Blast.REVERSIBLE,
        arguments=(_MODEL, _PERSON, text("project", "Everybody who belongs to it now.", most=64)),
    ),
    Action(
        "early",
        "drop",
        "Take somebody out of the group: their requests to the model end.",
        results.EarlyList,
        Permission.REVIEW,
        blast=Blast.INTERRUPTS,
        arguments=(_MODEL, _PERSON, text("project", "Everybody who belongs to it now.", most=64)),
    ),
    Action(
        "early",
        "end",
        "End the stage: the model is for everybody whom its tier admits.",
        results.EarlyList,
        blast=Blast.REVERSIBLE,
        arguments=(_MODEL,),
    ),
    Action("early", "list", "Models in early access, and for whom.", results.EarlyList, Permission.READ),
)
