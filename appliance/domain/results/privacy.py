"""What actions on privacy answer: what is kept, for how long, and of whom."""

from appliance.domain.results.base import Result


class RetentionLine(Result, frozen=True):
    """How long one kind of record is kept. ``days`` None is until somebody ends it; ``oldest`` is the oldest
    day that there may be something of, empty where there is none.
    """

    record: str
    what: str
    days: int | None
    oldest: str
    then: str


class RetentionRules(Result, frozen=True):
    """The whole table."""

    rules: tuple[RetentionLine, ...]


class RetentionDone(Result, frozen=True):
    """How many records of a kind have ended."""

    record: str
    count: int


class RetentionRun(Result, frozen=True):
    """What ended now."""

    done: tuple[RetentionDone, ...]


class PolicySection(Result, frozen=True):
    """Statements about one question."""

    title: str
    statements: tuple[str, ...]


class PolicyShown(Result, frozen=True):
    """What this box does with what people send, as it is set now."""

    sections: tuple[PolicySection, ...]
    keeps_content: bool
    """Something is on that keeps prompts or answers beyond their request."""


class ExportedTable(Result, frozen=True):
    """Rows of one kind. Each row has the values of ``columns``, in their order; ``left_out`` more were there
    than one answer holds.
    """

    table: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    left_out: int


class PersonExport(Result, frozen=True):
    """Everything that the box keeps about a person, or about a key that is of nobody in particular.

    ``project`` is empty where that is of all projects; to whoever asks by key it is what is of the key's.
    """

    person: str
    at_ms: int
    tables: tuple[ExportedTable, ...]
    elsewhere: tuple[str, ...]
    """What is kept and not shown here, and why; each a sentence."""
    project: str = ""


class PersonErased(Result, frozen=True):
    """Somebody was erased. ``erased_as`` is what stands in place of their id."""

    person: str
    erased_as: str
    keys_revoked: int
    rows_changed: int
    rows_deleted: int
    kept: tuple[str, ...]
    """What still names them, and why; each a sentence."""
