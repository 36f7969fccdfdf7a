"""What was measured of a form is shown with its model, to operators and to students."""

from dataclasses import replace

from appliance.domain.people import Caller
from tests.fidelity_records import RECORD
from tests.models.conftest import Shelf


class Measured:
    def of(self, recipe, form):
        return replace(RECORD, reference="f16") if form.name == "q8" else None


async def test_a_measured_form_says_so_and_another_does_not(shelf: Shelf):
    service = shelf.service(measured=Measured())
    await service.run(model="small")
    shown = (await service.show(model="small")).fidelity
    assert (shown.id, shown.perplexity, shown.reference) == ("small@q8", 1.92, "f16")
    assert (await service.show(model="small@f16")).fidelity is None
    (card,) = service.cards(Caller("k", "p", "default"))
    assert card.fidelity.distance.agreement == 0.991
