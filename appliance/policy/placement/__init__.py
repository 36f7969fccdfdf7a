"""Decides on which processors a model runs: pure, from values to a value.

``plan(form, wishes, inventory) -> Placement`` is the whole of it; everything else here makes its inputs
(``machine`` from a text, ``facts_of`` from a model's sizes) or says what its answer is worth (``estimate``).
A plan counts only memory that is free now: it never gives out what other processes hold.
"""

from appliance.policy.placement.answer import (
    Advice,
    Kind,
    Placement,
    PlannedForm,
    ReplicaPlacement,
    Share,
    Wishes,
    gib,
)
from appliance.policy.placement.facts import facts_of
from appliance.policy.placement.gpu_numbers import is_gpu_numbers, parse_gpu_numbers
from appliance.policy.placement.layout import divides_by_layers
from appliance.policy.placement.planner import plan
from appliance.policy.placement.room import with_room

__all__ = [
    "Advice",
    "Kind",
    "Placement",
    "PlannedForm",
    "ReplicaPlacement",
    "Share",
    "Wishes",
    "divides_by_layers",
    "facts_of",
    "gib",
    "is_gpu_numbers",
    "parse_gpu_numbers",
    "plan",
    "with_room",
]
