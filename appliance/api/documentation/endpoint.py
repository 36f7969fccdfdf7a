"""One endpoint as it is described. Every module of ``api`` with routes has its rows in ``ENDPOINTS``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from appliance.edge.errors import ErrorBody
from appliance.errors import (
    BadRequest,
    BodyTooLarge,
    BudgetExhausted,
    CarrelError,
    ContextLengthExceeded,
    ModelLoading,
    ModelNotFound,
    ModelNotRunning,
    NotLicensed,
    NotReady,
    PersonLimitReached,
    PreparationFailed,
    QueueFull,
    QueueTimedOut,
    RateLimited,
    ReplicaFailed,
    RequestTimeout,
    StorageUnavailable,
)

DEMO_MODEL: Final = "handbook-tiny"

Errors = tuple[type[CarrelError], ...]

BODY_ERRORS: Final[Errors] = (BadRequest, RequestTimeout, BodyTooLarge)
"""Of every endpoint that reads a JSON body."""
MODEL_ERRORS: Final[Errors] = (
    *BODY_ERRORS,
    ModelNotFound,
    NotLicensed,
    PreparationFailed,
    ModelNotRunning,
    ModelLoading,
)
"""Of every endpoint that needs a model's vocabulary."""
GENERATION_ERRORS: Final[Errors] = (
    *MODEL_ERRORS,
    ContextLengthExceeded,
    RateLimited,
    BudgetExhausted,
    QueueFull,
    PersonLimitReached,
    ReplicaFailed,
    NotReady,
    QueueTimedOut,
    StorageUnavailable,
)
"""Of every endpoint that computes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something in the address. ``schema`` is JSON schema."""

    name: str
    where: Literal["path", "query"]
    says: str
    example: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


MODEL_ID: Final = Parameter("model_id", "path", "The name of a model, or an alias.", DEMO_MODEL)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``path`` is written as OpenAPI writes it. The kinds of body and answer are msgspec structs."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    tag: str
    summary: str
    answer: str
    detail: str = ""
    body: type | None = None
    body_media: str = "application/json"
    body_schema: Mapping[str, object] | None = None
    """In place of ``body``, for what is no JSON."""
    example: Mapping[str, object] | None = None
    answer_shape: type | None = None
    answer_media: tuple[str, ...] = ("application/json",)
    status: int = 200
    errors: Errors = ()
    error_shape: type = ErrorBody
    parameters: tuple[Parameter, ...] = ()
    needs_key: bool = True
    computes: bool = False
    """True where it takes from what a person may have per minute, so that its answers say what is left."""
