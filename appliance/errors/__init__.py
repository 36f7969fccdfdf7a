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
    |  +- NotPermitted                  403
    |     +- Restricted                 403
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

from appliance.errors.base import CarrelError
from appliance.errors.failures import (
    DoesNotFit,
    IntegrityFailed,
    NotAvailable,
    Offline,
    OutboundFailed,
    ReplicaFailed,
    UpstreamFailed,
)
from appliance.errors.permissions import NotAllowed, NotAuthenticated, NotLicensed, NotPermitted, Restricted
from appliance.errors.requests import (
    BadRequest,
    BodyTooLarge,
    ClientLeft,
    ConfigInvalid,
    Conflict,
    ContextLengthExceeded,
    HeadersTooLarge,
    MethodNotAllowed,
    ModelNotFound,
    NotFound,
    PreparationFailed,
    RequestTimeout,
)
from appliance.errors.waiting import (
    BudgetExhausted,
    GatewayNotRunning,
    ModelLoading,
    ModelNotRunning,
    NotReady,
    PersonLimitReached,
    QueueFull,
    QueueTimedOut,
    RateLimited,
    StorageUnavailable,
    TryAgain,
    UpstreamBusy,
)

__all__ = [
    "BadRequest",
    "BodyTooLarge",
    "BudgetExhausted",
    "CarrelError",
    "ClientLeft",
    "ConfigInvalid",
    "Conflict",
    "ContextLengthExceeded",
    "DoesNotFit",
    "GatewayNotRunning",
    "HeadersTooLarge",
    "IntegrityFailed",
    "MethodNotAllowed",
    "ModelLoading",
    "ModelNotFound",
    "ModelNotRunning",
    "NotAllowed",
    "NotAuthenticated",
    "NotAvailable",
    "NotFound",
    "NotLicensed",
    "NotPermitted",
    "NotReady",
    "Offline",
    "OutboundFailed",
    "PersonLimitReached",
    "PreparationFailed",
    "QueueFull",
    "QueueTimedOut",
    "RateLimited",
    "ReplicaFailed",
    "RequestTimeout",
    "Restricted",
    "StorageUnavailable",
    "TryAgain",
    "UpstreamBusy",
    "UpstreamFailed",
    "error_for_code",
]


def _tree(cls: type[CarrelError]) -> list[type[CarrelError]]:
    return [cls, *(below for child in cls.__subclasses__() for below in _tree(child))]


def error_for_code(code: str) -> type[CarrelError]:
    """The class whose ``code`` this is; ``CarrelError`` for a code of another version."""
    return next((cls for cls in _tree(CarrelError) if cls.code == code), CarrelError)
