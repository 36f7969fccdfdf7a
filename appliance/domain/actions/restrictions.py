"""What is done to restrictions, and what gates decided."""

from typing import Final

from appliance.domain import results
from appliance.domain.action import Action, Argument, Blast, Kind, Permission
from appliance.domain.actions.rows import file, flag, integer, text
from appliance.domain.restriction import MOST_PROMPT_CHARACTERS

_MOST: Final = 1_000_000_000
_ID: Final = text("id", "all, tier:NAME, model:ID or project:ID.", required=True, positional=True)
_WHY: Final = text("why", "The reason, as whoever is refused is told it.", required=True, most=300)
_YES_NO: Final = {"choices": ("yes", "no")}

_SCOPE: Final = (
    text("model", "Of this model, by its id."),
    text("tier", "Of all models of a tier.", choices=("open", "registered", "approved", "restricted")),
    text("project", "Of this project's requests, by its id."),
    flag("all", "Of all requests."),
)
_LIMITS: Final = (
    integer("max_tokens", "Tokens of each answer, at most.", least=1, most=_MOST // 10),
    integer("prompt_tokens", "Tokens of a prompt, at most.", least=1, most=_MOST // 10),
    integer("n", "Answers at once, at most.", least=1, most=1000),
    text("logprobs", "Alternatives beside each token of an answer, at most; `off`: no log-probabilities."),
    text("prompt_logprobs", "The same of a prompt's tokens."),
    Argument("temperature", Kind.DECIMAL, "Temperature, at most.", most=10),
    integer("requests_per_minute", "Of one person.", least=1, most=_MOST),
    integer("tokens_per_minute", "Of one person.", least=1, most=_MOST),
    integer("requests_per_day", "Of one person; days are those of UTC.", least=1, most=_MOST),
    integer("tokens_per_day", "Of one person.", least=1, most=_MOST),
    file(
        "system_prompt",
        "File of words that every conversation begins with.",
        most=MOST_PROMPT_CHARACTERS,
    ),
    file("denied", "File of patterns that no request may hold, one a line, in RE2's syntax.", most=40_000),
    text("hours", "When it answers, in the box's time: mon-fri 08:00-18:00; sat 10:00-12:00.", most=500),
    text("networks", "From where, such as 10.0.0.0/8, 2001:db8::/32.", most=1000),
    text("endpoints", "For what only: chat, completions, embeddings, scores.", most=100),
    text("tools", "Whether tools may be offered to it.", **_YES_NO),
    text("fine_tune", "Whether it may be trained further.", **_YES_NO),
    text("activations", "Whether its activations may be read.", **_YES_NO),
    text("steering", "Whether it may be steered.", **_YES_NO),
    text("lift", "Limits to take away, by name: n, hours.", most=500),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "restriction",
        "set",
        "Limit what may be asked of a model, a tier, a project or all; what is not given stays as it is.",
        results.RestrictionDetail,
        blast=Blast.REVERSIBLE,
        arguments=(*_SCOPE, *_LIMITS, _WHY),
    ),
    Action(
        "restriction",
        "apply",
        "Set every restriction that a TOML file names, as it says; others stay as they are.",
        results.RestrictionList,
        blast=Blast.REVERSIBLE,
        arguments=(
            file(
                "file", "TOML, as `restriction show` prints it.", required=True, positional=True, most=48_000
            ),
        ),
    ),
    Action("restriction", "list", "All restrictions that hold.", results.RestrictionList, Permission.READ),
    Action(
        "restriction",
        "show",
        "One restriction in full, as `restriction apply` takes it.",
        results.RestrictionDetail,
        Permission.READ,
        arguments=(_ID, integer("version", "An older version of it.", least=1, most=_MOST)),
    ),
    Action(
        "restriction",
        "history",
        "All versions of one restriction.",
        results.RestrictionList,
        Permission.READ,
        arguments=(_ID,),
    ),
    Action(
        "restriction",
        "remove",
        "End a restriction. Its versions are kept.",
        results.RestrictionList,
        blast=Blast.REVERSIBLE,
        arguments=(_ID, _WHY),
    ),
    Action(
        "restriction",
        "test",
        "What would become of a request; nothing is asked of the model.",
        results.RestrictionTest,
        Permission.READ,
        arguments=(
            text("model", "Model id.", required=True),
            text("text", "What is asked.", most=20_000),
            file("prompt_file", "File of what is asked.", most=48_000),
            text("endpoint", "How.", default="chat", choices=("chat", "completions", "embeddings", "scores")),
            text("project", "For this project.", default="default"),
            text("address", "From this address.", default="127.0.0.1"),
            integer("max_tokens", "Tokens of the answer.", most=_MOST),
            integer("n", "Answers at once.", least=1, most=1000),
            integer("logprobs", "Alternatives beside each token.", most=1000),
        ),
    ),
    Action(
        "decision",
        "list",
        "What gates refused and changed, by minute; never what was asked.",
        results.DecisionList,
        Permission.REVIEW,
        lists=True,
        arguments=(
            text("person", "Only of this person."),
            text("project", "Only for this project."),
            text("model", "Only of this model."),
            text("rule", "Only of this rule or gate."),
            integer("days", "How many days back.", default=7, least=1, most=3650),
            integer("limit", "How many, at most.", default=100, least=1, most=1000),
        ),
    ),
)
