"""How faithful a form of a model is, as it was measured, and to which bytes that belongs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FidelitySubject:
    """What was measured: these bytes, computed by this build, over this text. ``files_sha256`` is of all
    files of the form.
    """

    recipe_id: str
    recipe_revision: int
    form: str
    files_sha256: str
    engine_build: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class FidelityMeasures:
    """One form's reading of a text. ``nll`` is the mean negative log-likelihood of its tokens, in nats."""

    tokens: int
    nll: float
    perplexity: float


@dataclass(frozen=True, slots=True)
class FidelityDistance:
    """How far one form's reading is from another's of the same tokens. ``agreement`` is the part of places, 0
    to 1, where both find the same token the most probable; differences are of log-probabilities of the text's
    own tokens, in nats.
    """

    nll_difference: float
    agreement: float
    mean_difference: float
    largest_difference: float


@dataclass(frozen=True, slots=True)
class FidelityRecord:
    """One form measured against ``reference``, the name of the fullest form that could be measured with it;
    which may be itself. ``seconds`` is the time that reading the text took, ``measured_ms`` since 1970 UTC.
    """

    subject: FidelitySubject
    reference: str
    reference_perplexity: float
    measures: FidelityMeasures
    distance: FidelityDistance
    window_tokens: int
    seconds: float
    measured_ms: int

    @property
    def is_reference(self) -> bool:
        """Whether the others were compared with it."""
        return self.reference == self.subject.form
