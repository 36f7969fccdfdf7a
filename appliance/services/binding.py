"""Ties the table of actions to the services that carry them out, and finds at start what does not fit."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, Protocol

import msgspec

from appliance.domain.action import Action, Permission, Place
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


class Audit(Protocol):
    """Where it is written down who does what."""

    def recording(
        self, action: Action, arguments: Mapping[str, object], actor: Actor
    ) -> AbstractAsyncContextManager[None]:
        """Scope in which an action is carried out. Raises ``StorageUnavailable`` where it cannot be written
        down, before anything is done.
        """
        ...


class Operations:
    """What an operator can have done, by action name."""

    def __init__(
        self, handlers: Mapping[str, Handler], actions: tuple[Action, ...], audit: Audit | None = None
    ) -> None:
        self._handlers: Final = dict(handlers)
        self._audit: Final = audit
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
        told = {**given, ACTOR: operator} if name in self._told_who else given
        async with self._recording(found, given, operator):
            return await self._handlers[name](**told)

    def _recording(
        self, action: Action, given: Mapping[str, object], actor: Actor
    ) -> AbstractAsyncContextManager[None]:
        if self._audit is None or not is_recorded(action, actor):
            return nullcontext()
        return self._audit.recording(action, given, actor)


def is_recorded(action: Action, actor: Actor) -> bool:
    """What changes anything, by whoever has power over others. What members do is about themselves."""
    changes = action.permission is not Permission.READ and not action.lists
    return changes and actor.permission is not Permission.MEMBER


def bind(
    *tables: Mapping[str, Handler], actions: tuple[Action, ...] = ACTIONS, audit: Audit | None = None
) -> Operations:
    """Join the services' tables. Every action of the gateway must be bound once, to a handler of its shape.
    Without an ``audit`` nothing is written down.

    Raises ``BindingError`` listing everything that does not fit.
    """
    own = tuple(action for action in actions if action.place is Place.GATEWAY)
    faults = [*_name_faults(own, tables), *_shape_faults(own, tables)]
    if faults:
        raise BindingError("; ".join(faults))
    return Operations({name: handler for table in tables for name, handler in table.items()}, own, audit)


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
