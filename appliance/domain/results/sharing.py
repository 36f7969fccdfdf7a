"""What actions on shared models answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class ShareChecked(Result, frozen=True):
    """Nothing stands against sharing it. ``shared_as`` is its id for others; ``toml_sha256`` is of the
    recipe that was looked at, ``forms`` those of it whose files are here.
    """

    model: str
    revision: int
    organization: str
    shared_as: str
    toml_sha256: str
    forms: tuple[str, ...]
    files: int
    size_bytes: int


class ShareSent(Result, frozen=True):
    """An organization's list. ``models`` are all that it has now, as ``id revision``; it goes to the
    registry with the next sync. ``version`` counts its signatures; it is good until ``expires_ms``.
    """

    organization: str
    version: int
    expires_ms: int
    models: tuple[str, ...]


class ShareLine(Result, frozen=True):
    """One model. ``kind`` is ``weights`` or ``access``; ``state`` is ``waits`` (the list has not left),
    ``sent``, ``listed`` (the registry's catalog has it) or ``refused``.
    """

    model: str
    revision: int
    kind: str
    tier: str
    lease: bool
    state: str
    reviewed_on: str


class ShareList(Result, frozen=True):
    """``serves``: whether this box gives files (`share_weights`). ``refused`` is why the registry did not
    take the newest list; empty where it did, or has not answered.
    """

    organization: str
    version: int
    sent_ms: int
    expires_ms: int
    serves: bool
    refused: str
    models: tuple[ShareLine, ...]


class ShareFetch(Result, frozen=True):
    """What one box fetched of a model on one day (UTC)."""

    box: str
    day: str
    requests: int
    bytes: int


class ShareRecord(Result, frozen=True):
    """The record of benefit and harm."""

    contact: str
    benefits: tuple[str, ...]
    harms: tuple[str, ...]
    evaluations: tuple[str, ...]
    reviewed_by: str
    reviewed_on: str


class ShareDetail(Result, frozen=True):
    """One of them. ``sources`` are where others find its files, ``fetched`` what came from this box."""

    line: ShareLine
    license: str
    record: ShareRecord
    sources: tuple[str, ...]
    fetched: tuple[ShareFetch, ...]


class ReceivedLine(Result, frozen=True):
    """One model. Numbers are None where fewer people used it than may be told."""

    model: str
    boxes: int
    institutions: int
    requests: int | None
    input_tokens: int | None
    output_tokens: int | None
    gflop: int | None


class ReceivedStatement(Result, frozen=True):
    """One month, as signed at ``signed_ms`` by the registry's key ``registry``."""

    organization: str
    first_day: str
    last_day: str
    signed_ms: int
    registry: str
    lines: tuple[ReceivedLine, ...]


class ReceivedStatements(Result, frozen=True):
    """Newest first. ``least_users`` is how many people a number must be about."""

    least_users: int
    statements: tuple[ReceivedStatement, ...]


class RegistryStatementIssued(Result, frozen=True):
    """One organization's statement, which goes to so many of its ``boxes`` with their next sync."""

    organization: str
    boxes: int
    lines: tuple[ReceivedLine, ...]


class RegistryStatements(Result, frozen=True):
    """Of a month; organizations whose models nobody used elsewhere are left out."""

    first_day: str
    last_day: str
    statements: tuple[RegistryStatementIssued, ...]
