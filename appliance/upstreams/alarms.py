"""Where a host's counts are not ours: logged, counted for ``/metrics``, shown by ``model show``."""

from collections import Counter

from appliance.domain.log import Log
from appliance.upstreams.answer_shapes import Usage
from appliance.upstreams.charging import differs, total
from appliance.upstreams.guessing import TokenCount


class Alarms:
    """Of all upstreams of a box, by model."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.answers: Counter[str] = Counter()
        """Whole answers whose host reported its counts."""
        self.differed: Counter[str] = Counter()
        """Those of them that were an alarm, and answers that were cut because their host did not end them."""
        self.unreported: Counter[str] = Counter()
        """Whole answers whose host did not."""

    def overran(self, model: str, most_tokens: int) -> None:
        """A host went on beyond the longest answer that was asked for."""
        self.differed[model] += 1
        self._log.warning("upstream_overran", model=model, most_completion_tokens=most_tokens)

    def compare(self, model: str, prompt: TokenCount, answers: list[TokenCount], usage: Usage | None) -> None:
        """One whole answer."""
        if usage is None:
            self.unreported[model] += 1
            return
        self.answers[model] += 1
        answer = total(answers)
        if differs(prompt, usage.prompt_tokens) or differs(answer, usage.completion_tokens):
            self.differed[model] += 1
            self._log.warning(
                "upstream_usage_differs",
                model=model,
                counted_prompt_tokens=prompt.tokens,
                reported_prompt_tokens=usage.prompt_tokens,
                counted_completion_tokens=answer.tokens,
                reported_completion_tokens=usage.completion_tokens,
                counted_exactly=prompt.exact and answer.exact,
            )
