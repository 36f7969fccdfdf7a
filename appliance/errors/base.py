"""The root of the tree of errors."""

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
