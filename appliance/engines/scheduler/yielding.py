"""Who is left out of a pass because others want it.

Lines of batches fill the passes in which nobody else wants anything. Left out, a request keeps its sequence
and its KV cells, and goes on where it was.
"""

from collections.abc import Collection, Sequence
from typing import Final

from appliance.engines.scheduler.sequence import Choice, Group

YIELDING_PART: Final = 4
"""A pass of nothing but work that yields has this part of the usual tokens: whoever comes waits for it."""


def passed_over(prefilling: Sequence[Group], decoding: Sequence[Choice]) -> Collection[int] | None:
    """The ids of the works to leave out of the next pass; None where all there is yields.

    What others wait for, because it reads what they begin with, is not left out.
    """
    works = [*[group.work for group in prefilling], *[choice.work for choice in decoding]]
    yielding = {work.id for work in works if work.yields}
    if not yielding:
        return ()
    if len(yielding) == len(works):
        return None
    leaders = {
        group.wait.leader for group in prefilling if group.wait and not (group.wait.over or group.work.yields)
    }
    return yielding - {group.work.id for group in prefilling if group.first.seat in leaders}
