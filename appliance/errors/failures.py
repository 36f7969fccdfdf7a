"""What broke, or is not there."""

from appliance.errors.base import CarrelError


class DoesNotFit(CarrelError):
    """The model or the request needs more memory than there is."""

    code = "does_not_fit"
    status = 507
    exit_code = 6


class Offline(CarrelError):
    """The thing needs the network and the box has none."""

    code = "offline"
    type = "service_unavailable_error"
    status = 503
    exit_code = 7


class IntegrityFailed(CarrelError):
    """A file or a row is not what its hash says."""

    code = "integrity_failed"
    exit_code = 8


class ReplicaFailed(CarrelError):
    """The process that computed the answer died or broke its contract."""

    code = "replica_failed"
    status = 502
    exit_code = 75


class UpstreamFailed(ReplicaFailed):
    """Whoever hosts the model did not answer, or not as was agreed."""

    code = "upstream_failed"


class OutboundFailed(CarrelError):
    """What was asked for outside of this box did not come. ``trouble`` is one word for why."""

    code = "outbound_failed"
    status = 502
    exit_code = 75

    def __init__(
        self,
        message: str,
        *,
        trouble: str = "failed",
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message, param=param, retry_after_s=retry_after_s)
        self.trouble = trouble


class NotAvailable(CarrelError):
    """The box knows what is meant and has no part that does it."""

    code = "not_available"
    status = 501
