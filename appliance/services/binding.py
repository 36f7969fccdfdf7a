"""Ties the table of actions to the services that carry them out, and finds at start what does not fit."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from appliance.domain.action import Action, Place
from appliance.domain.actions import ACTIONS
from appliance.domain.actor import Actor
from appliance.domain.arguments import check_arguments
from appliance.errors import NotFound
from appliance.policy.operators import check_permission

Handler = Callable[..., Awaitable[msgspec.Struct]]
"""An async method: its keyword-only parameters are the action's arguments, its result the action's. One that
wants to know who acts has a parameter ``actor`` besides.
"""

ACTOR: Final = "actor"


class BindingError(Exception):
    """The program does not fit together: a defect of Carrel, found before anything listens."""


class Operations:
    """What an operator can have done, by action name."""

    def __init__(self, handlers: Mapping[str, Handler], actions: tuple[Action, ...]) -> None:
        self._handlers: Final = dict(handlers)
        self._told_who: Final = {name for name, one in handlers.items() if ACTOR in _keywords(one)}
        self.actions: Final = actions

    async def run(self, name: str, arguments: Mapping[str, object], operator: Actor) -> msgspec.Struct:
        """Carry out an action and return its result.

        Raises ``NotFound`` for an action that the gateway does not have, ``NotAllowed``, ``BadRequest`` for
        arguments that do not fit the table, and whatever the handler raises.
        """
        found = next((action for action in self.actions if action.name == name), None)
        if found is None:
            raise NotFound(f"There is no action `{name}`.")
        check_permission(operator, found)
        given = check_arguments(found, arguments)
        if name in self._told_who:
            given[ACTOR] = operator
        return await self._handlers[name](**given)


def bind(*tables: Mapping[str, Handler], actions: tuple[Action, ...] = ACTIONS) -> Operations:
    """Join the services' tables. Every action of the gateway must be bound once, to a handler of its shape.

    Raises ``BindingError`` listing everything that does not fit.
    """
    own = tuple(action for action in actions if action.place is Place.GATEWAY)
    faults = [*_name_faults(own, tables), *_shape_faults(own, tables)]
    if faults:
        raise BindingError("; ".join(faults))
    return Operations({name: handler for table in tables for name, handler in table.items()}, own)


def _name_faults(actions: tuple[Action, ...], tables: tuple[Mapping[str, Handler], ...]) -> list[str]:
    bound = [name for table in tables for name in table]
    wanted = {action.name for action in actions}
    unbound = [f"{name} has no handler" for name in sorted(wanted - set(bound))]
    foreign = [f"{name} is no action of the gateway" for name in sorted(set(bound) - wanted)]
    twice = [f"{name} is bound more than once" for name in sorted(set(bound)) if bound.count(name) > 1]
    return unbound + foreign + twice


def _shape_faults(actions: tuple[Action, ...], tables: tuple[Mapping[str, Handler], ...]) -> list[str]:
    shapes = {action.name: action for action in actions}
    pairs = [(shapes[name], handler) for table in tables for name, handler in table.items() if name in shapes]
    return [fault for action, handler in pairs for fault in shape_faults(action, handler)]


def shape_faults(action: Action, handler: Callable[..., object]) -> list[str]:
    """What in a handler's signature differs from its action: parameters and result."""
    signature = inspect.signature(handler, eval_str=True)
    keywords = _keywords(handler)
    wanted = {argument.name for argument in action.arguments}
    faults = []
    if keywords - {ACTOR} != wanted or len(keywords) != len(signature.parameters):
        faults.append(f"{action.name} takes {sorted(wanted)}, its handler {sorted(signature.parameters)}")
    if signature.return_annotation is not action.result:
        faults.append(f"{action.name} answers {action.result.__name__}, its handler something else")
    return faults


def _keywords(handler: Callable[..., object]) -> set[str]:
    parameters = inspect.signature(handler).parameters.values()
    return {one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}
