"""What may work later."""

from appliance.errors.base import CarrelError


class TryAgain(CarrelError):
    """Refused for now; ``retry_after_s`` says when it may work."""

    code = "try_again"
    type = "rate_limit_error"
    status = 429
    exit_code = 75


class RateLimited(TryAgain):
    """More requests or tokens within a minute than one person may have."""

    code = "rate_limit_exceeded"


class BudgetExhausted(TryAgain):
    """The project's budget cannot cover prompt plus the longest possible answer."""

    code = "insufficient_quota"
    type = "insufficient_quota"


class QueueFull(TryAgain):
    """As many requests wait as may wait."""

    code = "queue_full"


class PersonLimitReached(TryAgain):
    """This person has as many requests waiting as one person may have."""

    code = "person_limit_reached"


class UpstreamBusy(TryAgain):
    """Whoever hosts the model refuses for now: its limits, not this box's."""

    code = "upstream_busy"


class NotReady(CarrelError):
    """Not yet, or not at the moment: starting, loading, stopping."""

    code = "not_ready"
    type = "service_unavailable_error"
    status = 503
    exit_code = 5


class GatewayNotRunning(NotReady):
    """Nothing listens on the admin socket."""

    code = "gateway_not_running"


class ModelNotRunning(NotReady):
    """The model is known and allowed, and no replica of it is ready."""

    code = "model_not_running"


class ModelLoading(ModelNotRunning):
    """The model is being loaded; ``details`` says how far it is and when it should be ready.

    ``percent`` is 0 to 100; ``eta_s`` None where nobody can tell yet.
    """

    code = "model_loading"

    def __init__(
        self,
        message: str,
        *,
        state: str = "loading",
        percent: int = 0,
        eta_s: int | None = None,
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message, param=param, retry_after_s=retry_after_s)
        self.details = {"loading": {"state": state, "percent": percent, "eta_s": eta_s}}


class QueueTimedOut(NotReady):
    """The request waited as long as a request may wait, and no replica had room for it."""

    code = "queue_timed_out"


class StorageUnavailable(NotReady):
    """The ledger cannot be written (disk full, failed fsync), so nothing can be acknowledged."""

    code = "insufficient_storage"
