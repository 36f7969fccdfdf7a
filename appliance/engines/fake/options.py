"""What the fake engine can be told to do, as strings in ``EngineSpec.options``."""

from typing import Annotated

import msgspec
from msgspec import Meta

from appliance.engines.base import EngineSpec
from appliance.errors import ConfigInvalid

_Milliseconds = Annotated[float, Meta(ge=0, le=600_000)]
_TokenCount = Annotated[int, Meta(ge=0, le=2**40)]


class FakeOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Delays and failures. ``*_after_tokens`` count what the runner has sampled, over all sequences."""

    step_delay_ms: _Milliseconds = 0.0
    """Added to each forward pass, however many sequences are in it."""
    load_delay_ms: _Milliseconds = 0.0
    fail_load: bool = False
    answer: str | None = None
    """Every sequence answers this text, then ends. Without it a sequence babbles on without end."""
    end_after_tokens: _TokenCount | None = None
    """A babbling sequence ends after so many tokens."""
    fail_after_tokens: _TokenCount | None = None
    """Then a forward pass raises ``RunnerBroken``."""
    die_after_tokens: _TokenCount | None = None
    """Then a forward pass kills the process, with SIGKILL."""
    hang_after_tokens: _TokenCount | None = None
    """Then a forward pass never returns."""
    eat_memory_after_tokens: _TokenCount | None = None
    """Then a forward pass takes 16 MiB after another, up to 1 GiB, and then never returns."""
    real_kv_tokens: _TokenCount | None = None
    """KV cells there really are, where fewer than the facts say: makes ``KvExhausted`` happen."""
    reuses_prefixes: bool = True
    """False: as a recurrent model, whose sequences cannot be cut back."""
    tokenize_delay_ms: _Milliseconds = 0.0
    die_on_text: str | None = None
    """Tokenizing a text that has this in it kills the process, as a hostile prompt might."""


def read_options(spec: EngineSpec) -> FakeOptions:
    """Raises ``ConfigInvalid`` for an unknown option or a value out of bounds."""
    try:
        return msgspec.convert(spec.options, FakeOptions, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigInvalid(f"The fake engine's options are wrong: {error}") from error
