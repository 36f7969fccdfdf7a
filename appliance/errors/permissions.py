"""Who somebody is, and what they may not do."""

from appliance.errors.base import CarrelError


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


class NotPermitted(NotAllowed):
    """A rule of the lab stands against it. ``rule`` is the rule's name, ``waits_for`` who can change that: a
    role such as ``reviewer``, ``you`` where the caller can.
    """

    code = "not_permitted"

    def __init__(
        self,
        message: str,
        *,
        rule: str = "",
        waits_for: str = "",
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message, param=param, retry_after_s=retry_after_s)
        self.details = {"rule": {"name": rule, "waits_for": waits_for}}


class Restricted(NotPermitted):
    """A restriction of the lab stands against the request. ``restriction`` is its id and version, ``limit``
    what of it.
    """

    code = "restricted"

    def __init__(
        self,
        message: str,
        *,
        restriction: str = "",
        limit: str = "",
        waits_for: str = "",
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(
            message, rule="restriction", waits_for=waits_for, param=param, retry_after_s=retry_after_s
        )
        self.details = {**self.details, "restriction": {"name": restriction, "limit": limit}}
