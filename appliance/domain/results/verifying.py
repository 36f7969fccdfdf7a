"""What ``model verify`` answers: about files, and about what each form of a model costs in faithfulness."""

from appliance.domain.results.base import Result


class FileCheck(Result, frozen=True):
    """One file. ``state`` is ``ok``, ``wrong`` or ``missing``; ``reason`` says what is wrong."""

    name: str
    size_bytes: int
    state: str
    reason: str | None = None


class FormCheck(Result, frozen=True):
    """All files of one form. ``reason`` is what its engine objects to inside them, once their bytes are
    right.
    """

    id: str
    ok: bool
    files: tuple[FileCheck, ...]
    reason: str | None = None


class FormFidelity(Result, frozen=True):
    """One form's reading of the text. ``nll`` is the mean negative log-likelihood of a token in nats, and
    ``nll_difference`` how much more that is than the reference's; ``agreement`` the part of places, 0 to 1,
    where both find the same token the most probable; the other differences are of the log-probabilities of
    the text's tokens. ``size_bytes`` is of the weights in memory. Everything measured is None where
    ``reason`` says why it could not be.
    """

    id: str
    reference: str
    engine: str
    size_bytes: int
    engine_build: str | None = None
    tokens: int | None = None
    nll: float | None = None
    perplexity: float | None = None
    reference_perplexity: float | None = None
    nll_difference: float | None = None
    agreement: float | None = None
    mean_difference: float | None = None
    largest_difference: float | None = None
    seconds: float | None = None
    measured_ms: int | None = None
    reason: str | None = None


class Fidelity(Result, frozen=True):
    """All forms that are on disk, the fullest first, read over the same text in passages of at most so many
    tokens. Numbers of different texts or passages cannot be compared.
    """

    text_sha256: str
    window_tokens: int
    forms: tuple[FormFidelity, ...]


class Verification(Result, frozen=True):
    """What ``model verify`` found. ``ok``: every file that was looked at is what its recipe says."""

    model: str
    ok: bool
    forms: tuple[FormCheck, ...]
    fidelity: Fidelity | None = None
