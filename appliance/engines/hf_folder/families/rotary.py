"""Rotary positions as configurations describe them, in the words of transformers 4 and 5.

Only kinds whose frequencies are fixed at load. With ``dynamic`` and ``longrope`` they follow from the longest
sequence of a pass, so that a cache that many sequences share would hold keys of different rotations.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Base = Annotated[float, Meta(gt=1, le=1e15)]
Factor = Annotated[float, Meta(gt=0, le=1e6)]
Part = Annotated[float, Meta(gt=0, le=1)]
Length = Annotated[int, Meta(ge=1, le=2**26)]
_Kind = Literal["default", "linear", "llama3", "yarn"]

DEFAULT_BASE = 10_000.0
_NEEDED = {
    "default": (),
    "linear": ("factor",),
    "llama3": ("factor", "low_freq_factor", "high_freq_factor"),
    "yarn": ("factor",),
}


class Rotary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``rope_scaling`` or ``rope_parameters``."""

    rope_type: _Kind | None = None
    type: _Kind | None = None
    """The old name of the same."""
    rope_theta: Base | None = None
    factor: Factor | None = None
    partial_rotary_factor: Part | None = None
    original_max_position_embeddings: Length | None = None
    attention_factor: Factor | None = None
    beta_fast: Factor | None = None
    beta_slow: Factor | None = None
    mscale: Factor | None = None
    mscale_all_dim: Factor | None = None
    truncate: bool | None = None
    low_freq_factor: Factor | None = None
    high_freq_factor: Factor | None = None

    def settings(self, base: float, part: float | None = None) -> dict[str, object]:
        """``rope_parameters`` for transformers 5; what is given here holds where the file is silent.

        Raises ``ValueError`` for a kind without the numbers that it needs.
        """
        kind = self.rope_type or self.type or "default"
        missing = [name for name in _NEEDED[kind] if getattr(self, name) is None]
        if missing:
            raise ValueError(f"rotary positions of the kind {kind} need {missing[0]}")
        told = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        told.pop("type", None)
        told |= {"rope_type": kind, "rope_theta": self.rope_theta or base}
        if part is not None:
            told.setdefault("partial_rotary_factor", part)
        return told


def only(scaling: Rotary | None, parameters: Rotary | None) -> Rotary:
    """The one that is there. Raises ``ValueError`` where both are and differ."""
    if scaling is not None and parameters is not None and scaling != parameters:
        raise ValueError("rope_scaling and rope_parameters differ")
    return scaling or parameters or Rotary()
