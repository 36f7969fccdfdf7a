"""The models of a picker: those that can be asked, and beside the others why they cannot."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from appliance.domain.classes import CLASS_MODEL
from appliance.domain.fidelity import FidelityRecord
from appliance.web.parts import OfferedModel

_GIB = 2**30
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Choice:
    """One line. ``why`` says why it cannot be chosen. ``memory`` and ``fidelity`` are what the box measured
    of it, in words, empty where it did not.
    """

    id: str
    label: str
    why: str = ""
    memory: str = ""
    fidelity: str = ""

    @property
    def usable(self) -> bool:
        """Can be chosen."""
        return not self.why


async def choices(
    offered: Sequence[OfferedModel], memory: Callable[[str], Awaitable[int | None]]
) -> tuple[Choice, ...]:
    """In the order to show them: what can be asked first, a class's own model before all."""
    made = [await _choice(one, memory) for one in offered]
    return tuple(sorted(made, key=lambda one: (not one.usable, one.id != CLASS_MODEL)))


async def _choice(one: OfferedModel, memory: Callable[[str], Awaitable[int | None]]) -> Choice:
    if not one.usable:
        return Choice(one.id, _label(one), one.why or "It cannot be used now.")
    if not one.chats:
        return Choice(
            one.id, _label(one), "It holds no conversations; the handbook's page on the API says how to ask."
        )
    card = one.card
    held = None if card is None else await memory(card.alias_of or card.id)
    fidelity = "" if card is None or card.fidelity is None else fidelity_text(card.fidelity)
    return Choice(one.id, _label(one), memory=memory_text(held), fidelity=fidelity)


def _label(one: OfferedModel) -> str:
    alias = one.card.alias_of if one.card is not None else ""
    leaves = one.card.leaves_box if one.card is not None else ""
    named = one.id if one.title in {"", one.id} else f"{one.id} ({one.title})"
    means = f" = {alias}" if alias else ""
    return f"{named}{means}, asked at {leaves}" if leaves else f"{named}{means}"


def memory_text(size_bytes: int | None) -> str:
    """In GiB, or MiB where it is little."""
    if not size_bytes:
        return ""
    return f"{size_bytes / _GIB:.1f} GiB" if size_bytes >= _GIB else f"{size_bytes / _MIB:.0f} MiB"


def fidelity_text(record: FidelityRecord) -> str:
    """How often it agrees with the fullest form."""
    return f"{record.distance.agreement:.1%} as {record.reference}"
