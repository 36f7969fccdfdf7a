"""What all requests to one model elsewhere share."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.upstream import Upstream
from appliance.outbound.client import Client
from appliance.upstreams.alarms import Alarms
from appliance.upstreams.choice import Choice
from appliance.upstreams.counting import Counter
from appliance.upstreams.work import Remote


@dataclass(frozen=True, slots=True)
class Line:
    """``headers`` hold the secret; ``thinking`` are the marks around thoughts."""

    model: str
    upstream: Upstream
    client: Client
    headers: Mapping[str, str]
    counter: Counter
    thinking: tuple[str, str] | None
    alarms: Alarms
    clock: Clock

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Line({self.model})"

    def choice(self, work: Remote) -> Choice:
        """A choice of one answer, empty."""
        return Choice(
            counter=self.counter, most_tokens=work.max_tokens, stops=work.stop, thinking=self.thinking
        )
