"""Which actions are served to whom over TCP, and how that is documented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from appliance.api.documentation.endpoint import BODY_ERRORS, DEMO_MODEL, Endpoint, Parameter
from appliance.domain.action import Action, Argument, Audience, Kind, Permission, Place
from appliance.domain.actions import ACTIONS
from appliance.domain.arguments import arguments_type
from appliance.errors import Conflict, NotAllowed, NotFound, NotPermitted, StorageUnavailable, TryAgain

AUDIENCES: Final[Mapping[Audience, tuple[Permission, ...]]] = {
    Audience.OPERATORS: (),
    Audience.LEADS: (Permission.LEAD,),
    Audience.MEMBERS: (Permission.MEMBER,),
    Audience.LEADS_AND_MEMBERS: (Permission.LEAD, Permission.MEMBER),
}
FILLED: Final[Mapping[Permission, frozenset[str]]] = {
    Permission.LEAD: frozenset({"project"}),
    Permission.MEMBER: frozenset({"project", "person"}),
}
"""Arguments that come from path and key, and are never in the body."""
_PLACES: Final = {Permission.LEAD: "/v1/projects/{project}", Permission.MEMBER: "/v1/me"}
_TAGS: Final = {Permission.LEAD: "Leading a project", Permission.MEMBER: "You"}
_PROJECT: Final = Parameter(
    "project", "path", "The project that the key is of, and that you lead.", "seminar"
)
_EXAMPLES: Final[Mapping[Kind, object]] = {
    Kind.INTEGER: 1,
    Kind.DECIMAL: "0.5",
    Kind.FLAG: True,
    Kind.TEXT: "text",
    Kind.FILE: "text",
}


@dataclass(frozen=True, slots=True)
class Served:
    """An action as one kind of caller reaches it. ``asked`` has only the arguments that they give."""

    action: Action
    by: Permission

    @property
    def filled(self) -> frozenset[str]:
        """Arguments that path and key give."""
        return FILLED[self.by] & {one.name for one in self.action.arguments}

    @property
    def asked(self) -> Action:
        """With the arguments of the body alone."""
        rest = tuple(one for one in self.action.arguments if one.name not in self.filled)
        return replace(self.action, arguments=rest)

    @property
    def path(self) -> str:
        """As OpenAPI writes it."""
        return f"{_PLACES[self.by]}/{self.action.name.replace('.', '/')}"

    @property
    def route(self) -> str:
        """As the router takes it."""
        return self.path.replace("{project}", "{project:str}")


def served(actions: tuple[Action, ...]) -> Iterator[Served]:
    """Each action once for each audience that it has."""
    for action in actions:
        if action.place is Place.GATEWAY:
            yield from (Served(action, by) for by in AUDIENCES[action.audience])


def acting_endpoints(actions: tuple[Action, ...] = ACTIONS) -> tuple[Endpoint, ...]:
    """The rows of the documentation."""
    return tuple(_endpoint(one) for one in served(actions))


def _endpoint(one: Served) -> Endpoint:
    words = one.action.name.title().replace(".", "").replace("-", "").replace("_", "")
    whose = "Lead" if one.by is Permission.LEAD else "Own"
    return Endpoint(
        "POST",
        one.path,
        _TAGS[one.by],
        one.action.summary,
        "What was done, as the command of the same name tells it.",
        detail=_hints(one.asked),
        body=arguments_type(one.asked, f"{whose}{words}Body"),
        example={arg.name: _example(arg) for arg in one.asked.arguments if arg.required},
        answer_shape=one.action.result,
        errors=(*BODY_ERRORS, NotFound, NotAllowed, NotPermitted, Conflict, TryAgain, StorageUnavailable),
        parameters=(_PROJECT,) if one.by is Permission.LEAD else (),
    )


def _hints(action: Action) -> str:
    return "\n".join(f"`{one.name}`: {one.help}" for one in action.arguments)


def _example(argument: Argument) -> object:
    if argument.name == "model":
        return DEMO_MODEL
    if argument.choices:
        return argument.choices[0]
    if argument.kind is Kind.INTEGER:
        return argument.least or _EXAMPLES[Kind.INTEGER]
    return _EXAMPLES[argument.kind]
