"""A class's vote between two answers, as pages need it. Which answer is which model's stays on the box."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from appliance.domain.classes import POLL_A, POLL_B
from appliance.domain.results import PollState
from appliance.errors import Conflict

Letter = Literal["a", "b"]
LETTERS: Final[tuple[Letter, ...]] = ("a", "b")
_NAMES: Final[dict[Letter, str]] = {"a": POLL_A, "b": POLL_B}


class Polls(Protocol):
    """Who knows what classes vote on."""

    def current(self, class_id: str) -> PollState | None:
        """The last vote of a class as everybody may see it; None where there was none."""
        ...

    def model(self, class_id: str, name: str) -> str:
        """What ``POLL_A`` and ``POLL_B`` mean while a vote is open."""
        ...


@dataclass(frozen=True, slots=True)
class PollQuestion:
    """What one of the two answers is an answer to. ``model`` is told to nobody while the vote is open."""

    model: str
    prompt: str
    seed: int


def question_of(polls: Polls, class_id: str, poll_id: str, letter: Letter) -> PollQuestion:
    """Of the vote that is open. Raises ``Conflict`` for another one."""
    state = polls.current(class_id)
    if state is None or not state.open or state.id != poll_id:
        raise Conflict("This vote is over. Reload the page for the next one.", param="poll")
    return PollQuestion(polls.model(class_id, _NAMES[letter]), state.prompt, state.seed)
