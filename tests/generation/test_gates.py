"""Every request goes through all gates in order; the first that refuses ends it, and is told."""

from dataclasses import replace

import pytest

from appliance.errors import NotPermitted
from appliance.services.admission.admission import Admission
from appliance.services.admission.gates import Asked
from tests.generation.fakes import CALLER, FakeClock
from tests.models.fakes import recipe

MODEL = recipe("m")


class Shortens:
    name = "shortens"

    def let(self, asked: Asked) -> Asked:
        request = asked.request
        return asked if request is None else replace(asked, request=replace(request, max_tokens=5))


class Refuses:
    name = "refuses"

    def let(self, asked: Asked) -> Asked:
        raise NotPermitted("No.", rule="refuses", waits_for="reviewer")


class Notes:
    """A watcher and its watch."""

    def __init__(self):
        self.seen = []

    def watch(self, asked):
        self.seen.append(asked)
        return self

    def accepted(self, accepted):
        self.seen.append(accepted)


class Names:
    def find(self, model):
        return MODEL, MODEL.forms[0]


def request(box, **more):
    return box.request("Hello", **more)


def test_gates_change_what_the_next_ones_see_and_what_is_computed(box):
    notes = Notes()
    admission = Admission(Names(), [Shortens()], FakeClock(), watchers=[notes])
    admitted = admission.admit(CALLER, request(box, max_tokens=100))
    assert admitted.request.max_tokens == 5
    assert notes.seen[0].request.max_tokens == 5
    admitted.watch.accepted("accepted")
    assert notes.seen[1] == "accepted"


def test_the_first_gate_that_refuses_ends_it_and_is_told(box):
    told = []
    notes = Notes()
    admission = Admission(
        Names(),
        [Refuses(), Shortens()],
        FakeClock(),
        watchers=[notes],
        refused=lambda asked, gate, error: told.append((asked.caller, gate, error.code)),
    )
    with pytest.raises(NotPermitted) as refusal:
        admission.admit(CALLER, request(box))
    assert refusal.value.details == {"rule": {"name": "refuses", "waits_for": "reviewer"}}
    assert told == [(CALLER, "refuses", "not_permitted")]
    assert notes.seen == []


def test_the_permission_alone_is_asked_without_a_request():
    seen = []

    class Looks:
        name = "looks"

        def let(self, asked):
            seen.append((asked.model, asked.request))
            return asked

    Admission(Names(), [Looks(), Shortens()], FakeClock()).check(CALLER, "m")
    assert seen == [("m", None)]


async def test_who_looks_on_sees_the_tokens_the_answer_and_its_end(box):
    seen = []

    class Watch:
        def accepted(self, accepted):
            seen.append(accepted.prompt)

        def hear(self, event):
            seen.append(type(event).__name__)

        def ended(self, outcome, meters):
            seen.append((outcome, meters.completion_tokens))

    class Watcher:
        def watch(self, asked):
            return Watch()

    box.generator._admission = Admission(Names(), [], box.clock, watchers=[Watcher()])
    run = await box.generator.start(CALLER, box.request("Hi"))
    stream = await box.source.stream(0)
    stream.token("x")
    stream.finish()
    async for _ in run:
        pass
    await run.ended()
    assert seen == [(72, 105), "TextDelta", "ChoiceFinished", ("completed", 1)]
