"""What every family says of its models: the fields of ``config.json`` that we know, and what follows.

Fields that are not listed are ignored, and never reach transformers: it is told ``settings`` only. Fields
that would change the arithmetic in a way that we do not run are listed with the one value they may have.
"""

from typing import Annotated, ClassVar, Literal, Self

import msgspec
from msgspec import Meta

from appliance.engines.hf_folder.architecture import Architecture

Shape = tuple[int, ...]

Layers = Annotated[int, Meta(ge=1, le=4096)]
Width = Annotated[int, Meta(ge=1, le=2**17)]
InnerWidth = Annotated[int, Meta(ge=1, le=2**20)]
Heads = Annotated[int, Meta(ge=1, le=2**12)]
Positions = Annotated[int, Meta(ge=1, le=2**26)]
Vocabulary = Annotated[int, Meta(ge=1, le=2**24)]
Epsilon = Annotated[float, Meta(gt=0, le=1)]
Activation = Literal["gelu", "gelu_fast", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "tanh"]
TokenNumber = Annotated[int, Meta(ge=-1, lt=2**24)]
"""-1 is how some files say that there is none."""
TokenNumbers = TokenNumber | Annotated[tuple[TokenNumber, ...], Meta(max_length=64)] | None


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A ``config.json`` of one family. Decoding raises ``ValidationError`` for what it does not run."""

    name: ClassVar[str]
    """Its ``model_type``."""
    config_class: ClassVar[str]
    model_class: ClassVar[str]
    """Names in transformers. All generating families are built with their output matrix."""
    classes: ClassVar[frozenset[str]]
    """What ``architectures`` may name."""
    prefix: ClassVar[str]
    """What the names of the module's parameters begin with, and those of a file may lack."""
    output: ClassVar[str] = "lm_head.weight"
    block: ClassVar[str]
    """What the parameters of a layer begin with, before its number."""

    learned_positions: ClassVar[bool] = False
    """It generates by a table of them, and nothing stands behind its end."""

    vocab_size: Vocabulary
    tie_word_embeddings: bool | None = None
    bos_token_id: TokenNumbers = None
    eos_token_id: TokenNumbers = None
    auto_map: None = None
    quantization_config: None = None
    pruned_heads: Annotated[dict[str, list[int]], Meta(max_length=0)] | None = None
    is_encoder_decoder: Literal[False] | None = None
    add_cross_attention: Literal[False] | None = None

    @property
    def tied(self) -> bool:
        """Whether the output matrix is that of the embeddings."""
        raise NotImplementedError

    def architecture(self) -> Architecture:
        """The sizes in our words."""
        raise NotImplementedError

    def parameters(self) -> dict[str, Shape]:
        """Every parameter of the module by its name in transformers, rows first, without a tied output."""
        raise NotImplementedError

    def settings(self) -> dict[str, object]:
        """Arguments of the configuration class in transformers: all that it is told of ``config.json``."""
        raise NotImplementedError

    def parameter_of(self, name: str) -> str | None:
        """The parameter that a tensor of a file is for; None for one that is not needed. A name that is none
        of ours comes back as it is.
        """
        if self.needless(name):
            return None
        whole = self.prefix + name
        return name if name.startswith(self.prefix) or name == self.output else whole

    def needless(self, name: str) -> bool:
        """Buffers that are computed anew, and an output matrix that is the table of embeddings."""
        return name.endswith((".inv_freq", ".position_ids")) or (self.tied and name == self.output)

    def checked(self) -> Self:
        """Raises ``ValueError`` for sizes that do not go together; called once, after decoding."""
        return self


def tokens(numbers: TokenNumbers) -> tuple[int, ...]:
    """As a tuple, without those that say that there is none."""
    listed = (numbers,) if isinstance(numbers, int) else numbers or ()
    return tuple(dict.fromkeys(number for number in listed if number >= 0))


def head_size(width: int, heads: int) -> int:
    """Raises ``ValueError`` where the heads do not share the width evenly."""
    if width % heads:
        raise ValueError(f"{heads} heads do not divide a width of {width}")
    return width // heads


def linear(name: str, rows: int, columns: int, *, bias: bool = True) -> dict[str, Shape]:
    """A matrix and its bias."""
    matrix: dict[str, Shape] = {f"{name}.weight": (rows, columns)}
    return matrix | {f"{name}.bias": (rows,)} if bias else matrix


def layer_norm(name: str, width: int) -> dict[str, Shape]:
    """Scale and shift."""
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
