"""The operator's verbs for bundles. One bundle is made or installed at a time."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from appliance.domain.results import BundleCreated, BundledModelLine, BundleInstalled, Result
from appliance.errors import Conflict
from appliance.services.bundles.attended import Attended
from appliance.services.bundles.creating import Creating
from appliance.services.bundles.installing import Installed, Installing, Terms
from appliance.services.bundles.ports import Tell


class Tasks(Protocol):
    """Where others see how far it is."""

    def begin(self) -> AbstractContextManager[Tell]:
        """Scope of one task."""
        ...


class BundleService:
    """Joins making and installing."""

    def __init__(self, creating: Creating, installing: Installing, tasks: Tasks) -> None:
        self._creating = creating
        self._installing = installing
        self._tasks = tasks
        self._busy = False

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"bundle.create": self.create, "bundle.install": self.install}

    async def create(
        self, *, models: str, to: str, recipient: str, with_installer: bool, piece_mib: int
    ) -> BundleCreated:
        """``bundle create``."""
        with self._alone(), self._tasks.begin() as tell:
            order, made = await self._creating.create(
                Attended(tell), models, to, recipient, piece_mib=piece_mib, installer=with_installer
            )
        return BundleCreated(
            recipient=order.recipient,
            signer=made.signer,
            size_bytes=made.size_bytes,
            kept_bytes=made.kept_bytes,
            files=made.files,
            models=tuple(f"{one.recipe.id}@{form.name}" for one in order.models for form in one.forms),
            installer=order.program,
        )

    async def install(
        self,
        *,
        folder: str,
        model: str | None,
        accept_license: str | None,
        who: str | None,
        authority: str | None,
        purpose: str | None,
        trust_key: str | None,
    ) -> BundleInstalled:
        """``bundle install``."""
        terms = Terms(accept_license or "", who or "", authority or "", purpose or "", trust_key or "")
        with self._alone(), self._tasks.begin() as tell:
            found = await self._installing.install(Attended(tell), folder, model or "", terms)
        return BundleInstalled(models=tuple(map(_line, found)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._busy:
            raise Conflict("Another bundle is being made or installed; `carrel status` says how far it is.")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False


def _line(one: Installed) -> BundledModelLine:
    return BundledModelLine(
        id=one.recipe.id,
        title=one.recipe.title,
        forms=tuple(form.name for form in one.forms),
        approved_by=one.recipe.approval.label,
        fresh_bytes=one.fresh_bytes,
    )
