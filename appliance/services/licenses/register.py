"""What was accepted and granted, in memory: learned at the start, kept up by the service of licenses."""

from collections.abc import Sequence

from appliance.domain.license import Acceptance, Grant, Lease, Standing
from appliance.domain.people import Caller


class Register:
    """Believed acceptances that hold, and grants that were not taken back; by model."""

    def __init__(self) -> None:
        self._institution: dict[str, tuple[Acceptance, ...]] = {}
        self._personal: dict[tuple[str, str], tuple[Acceptance, ...]] = {}
        self._grants: dict[str, dict[str, Grant]] = {}

    def standing(self, model: str, caller: Caller | None, lease: Lease | None) -> Standing:
        """Of one caller, or of the box."""
        grants = self._grants.get(model, {})
        if caller is None:
            return Standing(self._institution.get(model, ()), (), tuple(grants.values()), lease)
        own = grants.get(caller.project_id)
        return Standing(
            self._institution.get(model, ()),
            self._personal.get((model, caller.holder), ()),
            () if own is None else (own,),
            lease,
        )

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

    def give(self, grant: Grant) -> None:
        """In place of the one that the project has."""
        self._grants.setdefault(grant.model, {})[grant.project_id] = grant

    def revoke(self, model: str, project_id: str) -> Grant | None:
        """It holds no more; returns it, or None where there was none."""
        return self._grants.get(model, {}).pop(project_id, None)

    @property
    def grants(self) -> Sequence[Grant]:
        """All, by model."""
        return [grant for grants in self._grants.values() for grant in grants.values()]

    def holds(self, model: str, person: str, text_sha256: str) -> bool:
        """Whether exactly this text was accepted."""
        given = self._personal.get((model, person), ()) if person else self._institution.get(model, ())
        return any(one.text_sha256 == text_sha256 for one in given)

    def people(self, model: str) -> int:
        """How many have accepted for themselves, whatever text."""
        return sum(1 for one, _ in self._personal if one == model)

    def current_grants(self, model: str, now_ms: int) -> int:
        """Projects whose grant has not run out."""
        grants = self._grants.get(model, {}).values()
        return sum(1 for one in grants if one.until_ms is None or one.until_ms > now_ms)
