"""Turns a model that was made without memory into one rank's part of it.

Attention and MLP are cut by a plan, the embeddings and the output matrix by tokens. Everything else,
layer norms, positions and the like, every rank has whole.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from torch import nn
from transformers import PreTrainedModel

from appliance.engines.torch.ranks.modules import SummedEmbedding, SummedLinear
from appliance.engines.torch.ranks.parts import Part
from appliance.engines.torch.ranks.plans import Way, plan_of
from appliance.engines.torch.tensor_reader import Cut


@dataclass(slots=True)
class Splitting:
    """``loading.Splitter`` of one rank."""

    part: Part
    _cuts: dict[str, Cut] = field(default_factory=dict)

    def __call__(self, model: nn.Module) -> Mapping[str, Cut]:
        """Raises ``ConfigInvalid``."""
        if not isinstance(model, PreTrainedModel):
            raise TypeError(type(model).__name__)
        for name, way in list(_planned(model)):
            if way == "colwise":
                self._keep_outputs(model, name)
            else:
                self._keep_inputs(model, name)
        self._keep_tokens(model)
        _count_heads(model, self.part.size)
        return self._cuts

    def _keep_outputs(self, model: PreTrainedModel, name: str) -> None:
        whole = _linear(model, name)
        start, stop = self.part.bounds(whole.out_features)
        own = nn.Linear(whole.in_features, stop - start, bias=whole.bias is not None, device="meta")
        model.set_submodule(name, own)
        for key in ("weight",) if whole.bias is None else ("weight", "bias"):
            self._cuts[f"{name}.{key}"] = Cut(f"{name}.{key}", 0, start, stop)

    def _keep_inputs(self, model: PreTrainedModel, name: str) -> None:
        whole = _linear(model, name)
        start, stop = self.part.bounds(whole.in_features)
        model.set_submodule(name, SummedLinear(whole, self.part))
        self._cuts[f"{name}.part.weight"] = Cut(f"{name}.weight", 1, start, stop)

    def _keep_tokens(self, model: PreTrainedModel) -> None:
        embeddings: nn.Module = model.get_input_embeddings()
        output: nn.Module = model.get_output_embeddings()
        if not isinstance(embeddings, nn.Embedding):
            raise TypeError(type(embeddings).__name__)
        name = _name_of(model, embeddings)
        model.set_submodule(name, SummedEmbedding(embeddings, self.part))
        start, stop = self.part.bounds(embeddings.num_embeddings)
        self._cuts[f"{name}.weight"] = Cut(f"{name}.weight", 0, start, stop)
        self._keep_outputs(model, _name_of(model, output))


def _planned(model: PreTrainedModel) -> Iterator[tuple[str, Way]]:
    plan = plan_of(model.config)
    patterns = {re.compile(re.escape(name).replace(r"\*", r"\d+")): way for name, way in plan.items()}
    for name, _ in model.base_model.named_modules(prefix=model.base_model_prefix):
        below = name.removeprefix(f"{model.base_model_prefix}.")
        for pattern, way in patterns.items():
            if pattern.fullmatch(below):
                yield name, way


def _linear(model: PreTrainedModel, name: str) -> nn.Linear:
    found = model.get_submodule(name)
    if not isinstance(found, nn.Linear):
        raise TypeError(f"{name} is no plain matrix")
    return found


def _name_of(model: PreTrainedModel, wanted: nn.Module) -> str:
    found: list[str] = [name for name, module in model.named_modules() if module is wanted]
    return found[0]


def _count_heads(model: PreTrainedModel, size: int) -> None:
    """BLOOM and OPT lay out their heads by a number; the others by the size of one."""
    for module in model.modules():
        heads = getattr(module, "num_heads", None)
        if hasattr(module, "layer_idx") and isinstance(heads, int):
            setattr(module, "num_heads", heads // size)  # noqa: B010 - a module's attributes are untyped
