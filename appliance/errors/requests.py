"""What is wrong with a request, or with what it names."""

from appliance.errors.base import CarrelError


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
