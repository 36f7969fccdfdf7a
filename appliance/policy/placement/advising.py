"""What would fit instead: fewer seats, a shorter context, fewer replicas, another form, more GPUs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from appliance.domain.hardware import Inventory
from appliance.policy.placement.answer import Advice, PlannedForm, Wishes
from appliance.policy.placement.arranging import arrange
from appliance.policy.placement.room import usable

SHORTEST_CONTEXT: Final = 512
"""A shorter one is of no use to anybody and is not advised."""
_CONTEXT_STEP: Final = 256
_MOST_GPUS: Final = 64


def advise(
    form: PlannedForm, wishes: Wishes, inventory: Inventory, other_forms: Mapping[str, PlannedForm]
) -> tuple[Advice, ...]:
    """Every single change that would make it fit, each the smallest of its kind; for another form, with
    fewer seats where it takes both.
    """
    return (
        *_other_forms(wishes, inventory, other_forms),
        *_fewer_seats(form, wishes, inventory),
        *_shorter_context(form, wishes, inventory),
        *_fewer_replicas(form, wishes, inventory),
        *_more_gpus(form, wishes, inventory),
    )


def _other_forms(
    wishes: Wishes, inventory: Inventory, other_forms: Mapping[str, PlannedForm]
) -> Iterator[Advice]:
    for name, form in other_forms.items():
        if arrange(form, wishes, inventory):
            yield Advice("form", name, f"the form {name}")
        elif seats := _seats_that_fit(form, wishes, inventory):
            yield Advice("form", name, f"the form {name} with {_seats(seats)}", seats)


def _fewer_seats(form: PlannedForm, wishes: Wishes, inventory: Inventory) -> Iterator[Advice]:
    if seats := _seats_that_fit(form, wishes, inventory):
        yield Advice("seats", str(seats), _seats(seats))


def _seats_that_fit(form: PlannedForm, wishes: Wishes, inventory: Inventory) -> int:
    return _largest(
        wishes.seats - 1, lambda n: arrange(form, replace(wishes, seats=n), inventory) is not None
    )


def _seats(count: int) -> str:
    return f"{count} seat{'s' if count > 1 else ''}"


def _shorter_context(form: PlannedForm, wishes: Wishes, inventory: Inventory) -> Iterator[Advice]:
    def fits(steps: int) -> bool:
        shorter = replace(wishes, context_tokens=steps * _CONTEXT_STEP)
        return arrange(form, shorter, inventory) is not None

    tokens = _largest((wishes.context_tokens - 1) // _CONTEXT_STEP, fits) * _CONTEXT_STEP
    if tokens >= SHORTEST_CONTEXT:
        yield Advice("context", str(tokens), f"a context of {tokens:,} tokens")


def _fewer_replicas(form: PlannedForm, wishes: Wishes, inventory: Inventory) -> Iterator[Advice]:
    count = _largest(
        wishes.replicas - 1, lambda n: arrange(form, replace(wishes, replicas=n), inventory) is not None
    )
    if count:
        yield Advice("replicas", str(count), f"{count} replica{'s' if count > 1 else ''}")


def _more_gpus(form: PlannedForm, wishes: Wishes, inventory: Inventory) -> Iterator[Advice]:
    present = usable(inventory, wishes, form.engine)
    if not present:
        return
    best = max(present, key=lambda gpu: gpu.memory_total_bytes)
    unused = 1 + max(gpu.index for gpu in inventory.gpus)
    for more in range(1, _MOST_GPUS - len(present) + 1):
        added = tuple(
            replace(best, index=unused + i, memory_free_bytes=best.memory_total_bytes, processes=())
            for i in range(more)
        )
        larger = Inventory((*present, *added), 0, 0, inventory.cores)
        if arrange(form, replace(wishes, gpus=tuple(gpu.index for gpu in larger.gpus)), larger):
            yield Advice("gpus", str(len(present) + more), f"{len(present) + more} GPUs such as {best.name}")
            return


def _largest(most: int, fits: Callable[[int], bool]) -> int:
    """The largest number from 1 to ``most`` that fits, where every smaller one does too; 0 if none."""
    low, high = 0, max(most, 0)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
