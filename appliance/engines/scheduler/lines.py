"""The two lines of an engine: prompts being read, and choices that decode.

Makes the plan of each pass from their heads and moves them on after it. A request gets its sequence here,
with its first slice, so that it can go on from whatever is in the KV cache by then.
"""

from collections.abc import Collection, Sequence
from typing import Final

from appliance.engines.base import Runner, Slice, StepPlan
from appliance.engines.scheduler.planning import Shares, share_out, share_out_whole
from appliance.engines.scheduler.residents import Residents, Wait
from appliance.engines.scheduler.sequence import Choice, Group
from appliance.engines.scheduler.yielding import YIELDING_PART, passed_over

MOST_PASSED: Final = 8
"""How many later prompts may be read before one."""


class Lines:
    """Who comes next."""

    def __init__(self, runner: Runner, residents: Residents) -> None:
        self._runner = runner
        self._residents = residents
        self._batch_tokens = runner.facts.batch_tokens
        self._whole = runner.facts.deterministic
        self._share_out = share_out_whole if self._whole else share_out
        self._prefilling: list[Group] = []
        self._decoding: list[Choice] = []
        self._read: list[Group] = []
        self._shares = Shares(0, ())

    def join(self, group: Group) -> None:
        """To the end of those whose prompt is to be read, past those whose owners have more running.

        So that the prompts of one who keeps many seats busy do not hold up everybody's first token.
        """
        place = len(self._prefilling)
        while place and self._lets_pass(self._prefilling[place - 1], group):
            place -= 1
            self._prefilling[place].passed += 1
        self._prefilling.insert(place, group)

    def leave_finished(self) -> None:
        """Forget who has ended."""
        self._decoding = [choice for choice in self._decoding if choice.reason is None]
        if any(not group.running for group in self._prefilling):
            self._prefilling = [group for group in self._prefilling if group.running]

    def plan(self) -> StepPlan:
        """One forward pass; ``advance`` has to follow when it was made."""
        plan = self._plan()
        # Empty where all wait for one that was passed over: now that they say so, it is not any more.
        return plan if plan.slices else self._plan()

    def _plan(self) -> StepPlan:
        over = passed_over(self._prefilling, self._decoding)
        tokens = self._batch_tokens
        if over is None and not self._whole:
            # Whoever comes next waits for this pass.
            tokens = max(1, tokens // YIELDING_PART)
        decoding = self._to_the_end(over) if over else len(self._decoding)
        reading = self._readable(over or (), tokens)
        self._shares = self._share_out(decoding, [group.readable for group in reading], tokens)
        self._read = reading[: len(self._shares.prefilling)]
        return StepPlan(
            (
                *[
                    Slice(choice.sequence, (choice.next_token,), choice.position, True, choice.work.logprobs)
                    for choice in self._decoding[: self._shares.decoding]
                ],
                *[
                    group.slice(tokens)
                    for group, tokens in zip(self._read, self._shares.prefilling, strict=True)
                ],
            )
        )

    def _to_the_end(self, over: Collection[int]) -> int:
        """Of the decoding line with those who are left out; returns how many are not."""
        self._decoding.sort(key=lambda choice: choice.work.id in over)
        return sum([choice.work.id not in over for choice in self._decoding])

    @property
    def read(self) -> Sequence[Group]:
        """Whose prompts the last pass read from."""
        return self._read

    def advance(self, ms_per_token: float) -> list[Choice]:
        """The pass was made; returns the choices that have a token from it, in the order of its slices."""
        return self._advance_decoding(ms_per_token) + self._advance_prefilling(ms_per_token)

    def _advance_decoding(self, ms_per_token: float) -> list[Choice]:
        """Those served go to the end of their line."""
        served = self._decoding[: self._shares.decoding]
        for choice in served:
            choice.position += 1
            choice.compute_ms += ms_per_token
        self._decoding = self._decoding[self._shares.decoding :] + served
        return served

    def _advance_prefilling(self, ms_per_token: float) -> list[Choice]:
        """Of the prompts not read to their end, the last may have been cut short and stays at the head of the
        line; those before it had their half and go to its end.
        """
        begun: list[Choice] = []
        unread: list[Group] = []
        for group, tokens in zip(self._read, self._shares.prefilling, strict=True):
            group.advance(tokens, ms_per_token)
            if group.remaining:
                unread.append(group)
            elif group.samples:
                begun += [group.first] if group.work.max_tokens else []
            else:
                self._fork(group)
        if self._read:
            read = set(self._read)
            others = [group for group in self._prefilling if group not in read]
            self._prefilling = unread[-1:] + others + unread[:-1]
        self._decoding += begun
        return begun

    @staticmethod
    def _lets_pass(waiting: Group, group: Group) -> bool:
        """Only what has not begun, and no more than so many times."""
        return waiting.first.seat is None and waiting.others > group.others and waiting.passed < MOST_PASSED

    def _readable(self, over: Collection[int], tokens: int) -> list[Group]:
        """From the head of the line, as many as a pass has room for. Passed over are those who wait for
        another, and those that want more scored than the pass still can.
        """
        readable: list[Group] = []
        asked, most, scored = 0, max(1, tokens // 2), 0.0
        for group in self._prefilling:
            if asked >= tokens:
                break
            if group.work.id in over:
                continue
            if (group.first.seat or self._seat(group)) and scored + group.scoring_cost <= 1:
                readable.append(group)
                asked += min(group.readable, most)
                scored += group.scoring_cost
        if any(not group.remaining for group in readable):
            readable = self._without_read(readable)
        return readable

    def _seat(self, group: Group) -> bool:
        if group.wait and not group.wait.over:
            return False
        seat = self._residents.seat(group.prefix, group.work.kv_tokens)
        if isinstance(seat, Wait):
            group.wait = seat
            return False
        group.sit(seat)
        self._runner.prepare(group.first.sequence, group.first.sampling)
        return True

    def _without_read(self, readable: list[Group]) -> list[Group]:
        """Groups whose choices can all go on from what was in the KV cache decode at once."""
        for group in readable:
            if not group.remaining:
                self._prefilling.remove(group)
                self._fork(group)
        return [group for group in readable if group.remaining]

    def _fork(self, group: Group) -> None:
        """All choices of a group whose prompt was fed, but for its last token, decode from now on."""
        source = group.first.seat
        for choice in group.choices[1:]:
            if source:
                choice.sit(self._residents.fork(source))
            self._runner.prepare(choice.sequence, choice.sampling)
        self._decoding += group.choices
