"""The public app made once for each way of serving it, since making it takes longer than most tests. What a
test brings stands behind ``Standing``, and is another one in the next test.
"""

from dataclasses import replace
from typing import Any

from litestar import Litestar

from appliance.api.manners import Manners
from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.api.public import public_app
from appliance.edge.access import Access
from appliance.edge.uploads import UploadLimits
from tests.api.fakes import FakeAuthenticator, FakeDirectory, manners, no_guard

UPLOAD_BYTES = 4 * 2**20


class Standing:
    """Whatever it stands for now."""

    def __init__(self) -> None:
        self._for: Any = None

    def stand_for(self, something: object) -> None:
        self._for = something

    def __getattr__(self, name: str) -> Any:
        return getattr(self._for, name)


class PooledApp:
    """One app, with places for what tests bring."""

    def __init__(self, limits: ApiLimits, access: dict[str, Access]) -> None:
        self.box, self.readiness, self.tokenizing, self.log = (Standing() for _ in range(4))
        self.files, self.batches = Standing(), Standing()
        self.accounts, self.licenses, self.reports = Standing(), Standing(), Standing()
        self.sessions, self.plain, self.noting = Standing(), Standing(), Standing()
        self.guards: Any = no_guard
        self._access = access
        self._limits = limits
        self._app: Litestar | None = None

    @property
    def app(self) -> Litestar:
        if self._app is None:
            self._app = public_app(
                authenticator=FakeAuthenticator(),
                generations=self.box,
                tokenizing=self.tokenizing,
                directory=FakeDirectory(),
                readiness=self.readiness,
                limits=self._limits,
                log=self.log,
                manners=self._manners,
                overnight=Overnight(self.files, self.batches, UploadLimits(UPLOAD_BYTES, 5.0)),
                sessions=self.sessions,
                plain=self.plain,
            )
        return self._app

    @property
    def _manners(self) -> Manners:
        return replace(
            manners(**self._access),
            accounts=self.accounts,
            licenses=self.licenses,
            reports=self.reports,
            noting=self.noting,
            guards=lambda asked: self.guards(asked),  # noqa: PLW0108 - another one in the next test
        )


_MADE: dict[str, PooledApp] = {}


def pooled_app(limits: ApiLimits, access: dict[str, Access]) -> PooledApp:
    """For one test at a time."""
    return _MADE.setdefault(repr((limits, sorted(access.items()))), PooledApp(limits, access))
