"""A model as the box knows it: its identity, its shapes, its state."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.recipe import SamplingDefaults

MODEL_ID: Final = re.compile(r"[a-z0-9._-]{1,80}(@[a-z0-9]{1,16})?\Z")
"""``recipe`` or ``recipe@form``; without a form the recipe's default form is meant."""


class ModelState(StrEnum):
    """What a model does at this moment, in the word that every front end shows."""

    AVAILABLE = "available"
    """Approved and on disk, not running."""
    LOADING = "loading"
    READY = "ready"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    """A process died and a new one is being started."""
    FAILED = "failed"
    """It would not start, or died too often; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Exactly which bytes answered: kept with every usage row and shown as ``system_fingerprint``."""

    id: str
    recipe_revision: int
    file_sha256: str
    engine_build: str

    @property
    def fingerprint(self) -> str:
        """A short form for the OpenAI field: revision, file, build. A model hosted elsewhere has no file."""
        parts = (f"crl-r{self.recipe_revision}", self.file_sha256[:12], self.engine_build)
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a student's model list says of one model that is served."""

    id: str
    title: str
    created_ms: int
    context_tokens: int
    chats: bool
    alias_of: str = ""
    """The model that this is only another name for; empty: none."""
    identity: ModelIdentity | None = None
    """The bytes that answer: with a request's seed, all that is needed to repeat its answer."""
    license: str = ""
    tier: str = ""
    defaults: SamplingDefaults = field(default_factory=SamplingDefaults)
    """What applies where a request is silent."""
    embeds: bool = False
    """True where it makes vectors and does not generate."""
    fidelity: FidelityRecord | None = None
    """What this form costs in faithfulness, where that was measured."""
    leaves_box: str = ""
    """The host that prompts go to; empty: they stay on this box."""
    approved_by: str = ""
    """By whom its recipe was approved, as a sentence."""
