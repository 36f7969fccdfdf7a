"""What the public app has beside answers: accounts, limits in headers, metrics, documents."""

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.api.licenses import Licenses
from appliance.api.me import Accounts
from appliance.edge.access import PageAccess
from appliance.edge.rate_headers import Rates


@dataclass(frozen=True, slots=True)
class Manners:
    """``metrics`` gives the text of ``/metrics``; ``version`` is Carrel's own."""

    accounts: Accounts
    licenses: Licenses
    rates: Rates
    metrics: Callable[[], bytes]
    version: str
    access: PageAccess = field(default_factory=PageAccess)
