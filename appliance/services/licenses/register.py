"""What was accepted, in memory: learned at the start, kept up by the service of licenses."""

from collections.abc import Sequence

from appliance.domain.license import Acceptance, Lease, Standing
from appliance.domain.people import Caller


class Register:
    """Believed acceptances that hold; by model."""

    def __init__(self) -> None:
        self._institution: dict[str, tuple[Acceptance, ...]] = {}
        self._personal: dict[tuple[str, str], tuple[Acceptance, ...]] = {}

    def standing(self, model: str, caller: Caller | None, lease: Lease | None) -> Standing:
        """Of one caller, or of the box."""
        personal = () if caller is None else self._personal.get((model, caller.holder), ())
        return Standing(self._institution.get(model, ()), personal, lease)

    def accept(self, acceptance: Acceptance) -> None:
        """It holds from now on."""
        if acceptance.person:
            place = (acceptance.model, acceptance.person)
            self._personal[place] = (*self._personal.get(place, ()), acceptance)
        else:
            held = self._institution.get(acceptance.model, ())
            self._institution[acceptance.model] = (*held, acceptance)

    def withdraw(self, model: str, person: str) -> Sequence[Acceptance]:
        """Those of one person, or of the institution, hold no more; returns them."""
        if person:
            return self._personal.pop((model, person), ())
        return self._institution.pop(model, ())

    def holds(self, model: str, person: str, text_sha256: str) -> bool:
        """Whether exactly this text was accepted."""
        given = self._personal.get((model, person), ()) if person else self._institution.get(model, ())
        return any(one.text_sha256 == text_sha256 for one in given)

    def people(self, model: str) -> int:
        """How many have accepted for themselves, whatever text."""
        return sum(1 for one, _ in self._personal if one == model)
