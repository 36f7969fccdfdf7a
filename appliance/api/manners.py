"""What the public app has beside answers: accounts, limits in headers, metrics, documents."""

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.api.acting import Acting
from appliance.api.licenses import Licenses
from appliance.api.me import Accounts
from appliance.api.openai.moderations import FindGuard
from appliance.api.policy import Policy
from appliance.api.reports import OwnReports
from appliance.api.shared_weights import NothingShared, SharedWeights
from appliance.edge.access import PageAccess
from appliance.edge.good_standing import Standing
from appliance.edge.noting import NobodyNotes, Noting
from appliance.edge.rate_headers import Rates


@dataclass(frozen=True, slots=True)
class Manners:
    """``metrics`` gives the text of ``/metrics``; ``version`` is Carrel's own; ``noting`` hears of the errors
    that callers meet.
    """

    accounts: Accounts
    licenses: Licenses
    reports: OwnReports
    acting: Acting
    standing: Standing
    rates: Rates
    policy: Policy
    metrics: Callable[[], bytes]
    version: str
    guards: FindGuard
    access: PageAccess = field(default_factory=PageAccess)
    weights: SharedWeights = field(default_factory=NothingShared)
    noting: Noting = field(default_factory=NobodyNotes)
