"""The votes that a visitor has to do with: of the class where they sit, and of classes that they lead."""

from dataclasses import dataclass

from appliance.domain.classes import SchoolClass
from appliance.domain.results import PollState
from appliance.web.parts import WebParts
from appliance.web.visitors import Visitor


@dataclass(frozen=True, slots=True)
class ClassPoll:
    """A class, and the newest vote in it. ``leads``: the visitor begins and ends votes there."""

    lesson: SchoolClass
    state: PollState | None
    leads: bool

    @property
    def votes(self) -> int:
        """How many have voted by now."""
        return 0 if self.state is None else self.state.votes_a + self.state.votes_b + self.state.ties


def polls_for(visitor: Visitor, parts: WebParts) -> tuple[ClassPoll, ...]:
    """Those of classes that go on now."""
    sits = "" if visitor.sitting is None else visitor.sitting.lesson.id
    return tuple(
        ClassPoll(one, parts.polls.current(one.id), leads=one.id != sits)
        for one in parts.classes.going_on()
        if one.id == sits or one.project_id in visitor.leads
    )
