"""A pack: patterns, and how many prompts with them in what time are worth a look."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.oversight import Level
from appliance.policy.tripwires.wires import Wire


@dataclass(frozen=True, slots=True)
class PackPattern:
    """A prompt in which it is found counts ``weight``, if the pack's other groups are there too."""

    id: str
    group: str
    pattern: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Needs:
    """What makes an incident: ``hits`` within ``window_hours``, among them ``distinct`` different texts. A
    prompt is one where a pattern of each of ``groups`` is found.
    """

    groups: tuple[str, ...]
    hits: int
    window_hours: int = 24
    distinct: int = 1


@dataclass(frozen=True, slots=True)
class Pack:
    """``origin`` is ``release`` or ``lab``."""

    id: str
    version: int
    title: str
    category: str
    why: str
    first: Level
    most: Level
    needs: Needs
    patterns: tuple[PackPattern, ...]
    on: bool = True
    origin: str = "release"

    @property
    def wire(self) -> Wire:
        """The tripwire that it is."""
        return Wire(
            id=self.id,
            title=self.title,
            unit=f"prompts in {self.needs.window_hours} hours, weighed by their patterns",
            threshold=self.needs.hits,
            first=self.first,
            most=self.most,
            why=self.why,
            on=self.on,
            window_hours=self.needs.window_hours,
            distinct=self.needs.distinct,
        )


def joined(release: Sequence[Pack], lab: Sequence[Pack]) -> tuple[Pack, ...]:
    """All packs in order of their ids; the lab's stands in place of the release's of the same id."""
    return tuple(pack for _, pack in sorted({one.id: one for one in (*release, *lab)}.items()))
