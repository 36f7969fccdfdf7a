"""What is asked of the planner and what it answers. Sizes in bytes."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from appliance.domain.recipe import MemoryFacts, Precision


@dataclass(frozen=True, slots=True)
class PlannedForm:
    """A form of a model: its sizes, and the engine that decides how they become memory.

    ``sizes.weight_bytes`` is as on a GPU. ``precision`` is empty but for torch.
    """

    sizes: MemoryFacts
    engine: str = "llama_cpp"
    precision: Precision = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a model shall run, nothing left open. ``seats`` and ``context_tokens`` are of one replica.

    ``gpus``: only these; None leaves it to the planner, which then may fall back to the processor; an empty
    tuple means the processor.
    """

    seats: int
    context_tokens: int
    replicas: int = 1
    gpus: tuple[int, ...] | None = None
    batch_tokens: int = 512
    whole_texts: bool = False
    """Each text is read in one pass, and nothing of it is kept: the model makes vectors."""

    @property
    def pass_tokens(self) -> int:
        """Most tokens of one pass."""
        return max(self.batch_tokens, self.context_tokens) if self.whole_texts else self.batch_tokens

    @property
    def kv_tokens(self) -> int:
        """Cells of one replica's KV cache: every seat may fill its context, unless nothing is kept."""
        return self.pass_tokens if self.whole_texts else self.seats * self.context_tokens


class Kind(StrEnum):
    """The shape of the answer."""

    GPU = "gpu"
    """One replica on one GPU."""
    REPLICAS = "replicas"
    """Several replicas, each with GPUs of its own."""
    SPLIT = "split"
    """One replica over several GPUs: by whole layers, or a part of every matrix on each."""
    CPU = "cpu"
    DOES_NOT_FIT = "does_not_fit"


@dataclass(frozen=True, slots=True)
class Share:
    """What one replica takes of one GPU, or of the machine's own memory where ``gpu`` is None.

    ``reserve_bytes`` is left free on purpose and counts as taken. ``layers`` are those of which it has
    weights: all of them where it has a part of every matrix.
    """

    gpu: int | None
    layers: int
    weight_bytes: int
    kv_bytes: int
    buffer_bytes: int
    reserve_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weight_bytes + self.kv_bytes + self.buffer_bytes + self.reserve_bytes


@dataclass(frozen=True, slots=True)
class ReplicaPlacement:
    """Where one replica runs.

    ``gpus`` is in the order in which the process should see them (``CUDA_VISIBLE_DEVICES``), empty on the
    processor; ``gpu_layers`` is -1 for all layers and 0 on the processor; ``shares`` has one entry a GPU, in
    the same order, whose ``layers`` are the proportions of a split by layers. A split ``tensor`` has a
    process for each GPU.
    """

    gpus: tuple[int, ...]
    split: Literal["none", "layer", "tensor"]
    gpu_layers: int
    memory_bytes: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """One change that would make it fit. ``value`` is the number or the form that the change is to.

    ``seats``: so many besides, where another form alone would not do.
    """

    kind: Literal["seats", "context", "replicas", "form", "gpus"]
    value: str
    text: str
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The answer. ``missing_bytes`` is 0 where it fits; else what all GPUs together, or the machine's memory,
    lack. ``assumptions`` are sentences, each naming what was taken for granted.
    """

    kind: Kind
    seats: int
    context_tokens: int
    replicas: tuple[ReplicaPlacement, ...] = ()
    missing_bytes: int = 0
    reason: str = ""
    advice: tuple[Advice, ...] = ()
    assumptions: tuple[str, ...] = field(default=())

    @property
    def fits(self) -> bool:
        """Whether it can run."""
        return self.kind is not Kind.DOES_NOT_FIT

    @property
    def sentence(self) -> str:
        """The answer in words, for an error or a log line: by how much it does not fit and what would."""
        if self.fits:
            return self.reason
        would = "; ".join(one.text for one in self.advice)
        return f"{self.reason} " + (f"What would fit: {would}." if would else "Nothing smaller of it would.")


def gib(size_bytes: int) -> str:
    """A size for a sentence."""
    return f"{size_bytes / 2**30:.1f} GiB"
