"""Every error Carrel raises on purpose, as one tree.

    CarrelError                         500  exit 1
    +- BadRequest                       400  exit 2
    |  +- ContextLengthExceeded         400
    |  +- BodyTooLarge                  413
    |  +- HeadersTooLarge               431
    |  +- ClientLeft                    499
    |  +- PreparationFailed             400
    |  +- ConfigInvalid                 400
    +- NotAuthenticated                 401  exit 4
    +- NotAllowed                       403  exit 4
    |  +- NotLicensed                   403
    +- NotFound                         404  exit 3
    |  +- ModelNotFound                 404
    +- MethodNotAllowed                 405  exit 2
    +- RequestTimeout                   408  exit 75
    +- Conflict                         409  exit 1
    +- TryAgain                         429  exit 75
    |  +- RateLimited                   429
    |  +- BudgetExhausted               429
    |  +- QueueFull                     429
    |  +- PersonLimitReached            429
    |  +- UpstreamBusy                  429
    +- NotReady                         503  exit 5
    |  +- GatewayNotRunning             503
    |  +- ModelNotRunning               503
    |  |  +- ModelLoading               503
    |  +- QueueTimedOut                 503
    |  +- StorageUnavailable            503
    +- DoesNotFit                       507  exit 6
    +- Offline                          503  exit 7
    +- IntegrityFailed                  500  exit 8
    +- ReplicaFailed                    502  exit 75
    |  +- UpstreamFailed                502
    +- OutboundFailed                   502  exit 75
    +- NotAvailable                     501  exit 1

A message is one sentence for the person who reads it and says the next step. It never holds a prompt, a key,
a path of the machine or a traceback. Errors of foreign libraries are translated into this tree where the
library is called. ``error_for_code`` turns a code that came over a wire back into its class.
"""

from collections.abc import Mapping
from typing import ClassVar


class CarrelError(Exception):
    """Something Carrel refused or could not do, with what each front end needs to say so.

    ``param`` names the request field at fault; ``retry_after_s`` becomes the ``Retry-After`` header;
    ``details`` become further fields of the error body.
    """

    code: ClassVar[str] = "internal_error"
    type: ClassVar[str] = "server_error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, param: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s
        self.details: Mapping[str, object] = {}


class BadRequest(CarrelError):
    """The request itself is wrong; sending it again will not help."""

    code = "invalid_request"
    type = "invalid_request_error"
    status = 400
    exit_code = 2


class ContextLengthExceeded(BadRequest):
    """Prompt plus answer do not fit the model's context."""

    code = "context_length_exceeded"


class BodyTooLarge(BadRequest):
    """The body is over the limit; it was not read to its end."""

    code = "body_too_large"
    status = 413


class HeadersTooLarge(BadRequest):
    """The request's header is over the limit; it was not read to its end."""

    code = "headers_too_large"
    status = 431


class ClientLeft(BadRequest):
    """The client closed its connection before it had its answer; nobody reads this one."""

    code = "client_left"
    status = 499


class PreparationFailed(BadRequest):
    """The prompt could not be rendered or tokenized within its deadline and memory."""

    code = "prompt_not_prepared"


class ConfigInvalid(BadRequest):
    """A setting has a value that Carrel cannot use."""

    code = "config_invalid"


class NotAuthenticated(CarrelError):
    """No key, or one that is unknown, expired or revoked."""

    code = "invalid_api_key"
    type = "authentication_error"
    status = 401
    exit_code = 4


class NotAllowed(CarrelError):
    """A known caller who may not do this."""

    code = "not_allowed"
    type = "permission_error"
    status = 403
    exit_code = 4


class NotLicensed(NotAllowed):
    """The model's terms are not met. ``lacks`` is one word for what is missing, of ``policy.licenses``."""

    code = "not_licensed"

    def __init__(
        self, message: str, *, lacks: str = "", param: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message, param=param, retry_after_s=retry_after_s)
        self.details = {"license": {"lacks": lacks}}


class NotFound(CarrelError):
    """The thing named does not exist, or not for this caller."""

    code = "not_found"
    type = "not_found_error"
    status = 404
    exit_code = 3


class ModelNotFound(NotFound):
    """No model of that name is served to this caller."""

    code = "model_not_found"


class MethodNotAllowed(CarrelError):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    type = "invalid_request_error"
    status = 405
    exit_code = 2


class RequestTimeout(CarrelError):
    """The client was too slow in sending its request."""

    code = "request_timeout"
    type = "invalid_request_error"
    status = 408
    exit_code = 75


class Conflict(CarrelError):
    """The state of the thing does not admit this now."""

    code = "conflict"
    type = "invalid_request_error"
    status = 409


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


def _tree(cls: type[CarrelError]) -> list[type[CarrelError]]:
    return [cls, *(below for child in cls.__subclasses__() for below in _tree(child))]


def error_for_code(code: str) -> type[CarrelError]:
    """The class whose ``code`` this is; ``CarrelError`` for a code of another version."""
    return next((cls for cls in _tree(CarrelError) if cls.code == code), CarrelError)
