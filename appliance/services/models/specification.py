"""From a recipe's form, an operator's wishes and a place on the machine to what a worker is given. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.running import RunWishes
from appliance.engines.base import EngineSpec
from appliance.policy.placement import ReplicaPlacement, Wishes, divides_by_layers

BATCH_TOKENS: Final = 512
CPU_BATCH_TOKENS: Final = 256
"""A pass over 512 tokens takes a processor twice as long, and whoever has just come waits for it. Measured:
prompts are read 3 to 4 % slower in passes of 256."""
WAITING_TOKENS: Final = 2**20
"""Of texts whose vectors are asked for, in one worker: the largest request that the API takes fits."""
VISIBLE: Final = "CUDA_VISIBLE_DEVICES"
NO_GPU: Final[Mapping[str, str]] = {VISIBLE: ""}
"""A process that sees no GPU takes no memory of one: the driver needs hundreds of MiB a process."""


@dataclass(frozen=True, slots=True)
class ReplicaOrder:
    """One worker as it is to be made.

    ``environment`` is beside what every child has. ``place`` is None where nothing was planned.
    """

    spec: EngineSpec
    environment: Mapping[str, str] = field(default_factory=dict)
    place: ReplicaPlacement | None = None

    @property
    def gpus(self) -> tuple[int, ...]:
        """GPUs that it is pinned to."""
        return tuple(int(index) for index in self.environment.get(VISIBLE, "").split(",") if index)


def seats_of(recipe: Recipe, wishes: RunWishes) -> int:
    """Requests that one replica computes at once."""
    return wishes.seats or recipe.max_sequences


def context_of(recipe: Recipe, wishes: RunWishes) -> int:
    """Prompt plus answer of one request, in tokens; never more than the recipe allows."""
    return min(recipe.context_tokens, wishes.context_tokens or recipe.context_tokens)


def planner_wishes(recipe: Recipe, wishes: RunWishes, *, gpu_layers: int) -> Wishes:
    """The wishes with nothing left open. A box that is told to put no layer on a GPU uses none."""
    seats = seats_of(recipe, wishes)
    return Wishes(
        seats=seats,
        context_tokens=context_of(recipe, wishes),
        replicas=wishes.replicas or 1,
        gpus=() if gpu_layers == 0 else wishes.gpus,
        batch_tokens=_batch_tokens(seats),
        whole_texts=bool(recipe.pooling),
    )


def engine_spec(
    recipe: Recipe,
    form: RecipeForm,
    folder: Path,
    wishes: RunWishes,
    *,
    threads: int,
    gpu_layers: int,
    options: Mapping[str, str] = MappingProxyType({}),
) -> EngineSpec:
    """Every sequence may fill its context: the KV cache is sized for all of them at once.

    A model that makes vectors keeps none; there the number is of tokens that may wait in the process.
    """
    seats, context_tokens = seats_of(recipe, wishes), context_of(recipe, wishes)
    kept_tokens = context_tokens * seats
    return EngineSpec(
        engine=form.engine,
        model_path=str(folder / form.files[0].name) if form.files else "",
        context_tokens=context_tokens,
        kv_tokens=max(kept_tokens, WAITING_TOKENS) if recipe.pooling else kept_tokens,
        max_sequences=seats,
        batch_tokens=_batch_tokens(seats),
        threads=max(1, threads // (wishes.replicas or 1)),
        gpu_layers=gpu_layers,
        chat_template=recipe.chat_template,
        add_bos=recipe.add_bos,
        deterministic=wishes.deterministic or form.options.deterministic,
        pooling=recipe.pooling,
        add_eos=recipe.add_eos,
        thinking=recipe.thinking,
        files=tuple(file.name for file in form.files),
        precision=form.precision,
        networked=form.networked,
        options=dict(options),
        kv_layout=form.options.kv_layout,
    )


def orders(
    spec: EngineSpec, wishes: RunWishes, places: Sequence[ReplicaPlacement]
) -> tuple[ReplicaOrder, ...]:
    """One order a replica. Without places all replicas are alike, on the GPUs that were wished for."""
    if places:
        return tuple(_placed(spec, place) for place in places)
    pinned = {} if wishes.gpus is None else visible(wishes.gpus)
    given = spec if wishes.gpus or spec.networked else _on_processor(spec)
    return (ReplicaOrder(given, pinned),) * (wishes.replicas or 1)


def visible(gpus: Sequence[int]) -> Mapping[str, str]:
    """What makes a process see these GPUs and no other, in this order, numbered as the driver does."""
    if not gpus:
        return NO_GPU
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", VISIBLE: ",".join(str(index) for index in gpus)}


def _placed(spec: EngineSpec, place: ReplicaPlacement) -> ReplicaOrder:
    # -1 in the plan is all layers: the box's own setting may ask for fewer, where an engine divides by them.
    layers = (
        spec.gpu_layers if place.gpu_layers == -1 and divides_by_layers(spec.engine) else place.gpu_layers
    )
    # A plan of all layers says nothing about a box that is told to put some of them on the processor.
    planned = place.split == "layer" and layers == -1
    ranks = len(place.gpus) if place.split == "tensor" else 1
    placed = msgspec.structs.replace(
        spec,
        gpu_layers=layers,
        split=place.split,
        split_layers=tuple(share.layers for share in place.shares) if planned else (),
        ranks=ranks,
        threads=max(1, spec.threads // ranks),
    )
    return ReplicaOrder(placed if place.gpus else _on_processor(placed), visible(place.gpus), place)


def _on_processor(spec: EngineSpec) -> EngineSpec:
    return msgspec.structs.replace(spec, batch_tokens=max(CPU_BATCH_TOKENS, spec.max_sequences))


def _batch_tokens(seats: int) -> int:
    """A step has room for a token of every sequence."""
    return max(BATCH_TOKENS, seats)
