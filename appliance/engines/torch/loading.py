"""From a folder of safetensors to a model that computes: transformers' modules, our own filling of them.

The model is made without memory (meta device), then each parameter is read, converted and put in its place,
so that loading takes the weights once and one tensor besides.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel

from appliance.engines.base import unheard
from appliance.engines.hf_folder.folder import ModelFolder
from appliance.engines.torch.allocating import large_apart
from appliance.engines.torch.attention import NAME
from appliance.engines.torch.precision import Numbers, Quantized
from appliance.engines.torch.tensor_reader import Cut, TensorReader
from appliance.errors import IntegrityFailed


class Splitter(Protocol):
    """Turns a model on the meta device into one rank's part of it."""

    def __call__(self, model: nn.Module) -> Mapping[str, Cut]:
        """Replace modules. Answers, by the name of a parameter in the changed model, what of which tensor it
        holds; parameters that are not named hold the whole tensor of their own name.
        """
        ...


def whole(model: nn.Module) -> Mapping[str, Cut]:  # noqa: ARG001 - of the contract
    """The splitter of a process that holds everything."""
    return {}


def load(
    folder: ModelFolder,
    numbers: Numbers,
    device: torch.device,
    on_progress: Callable[[float], None] = unheard,
    *,
    split: Splitter = whole,
    attention: str = NAME,
    headless: bool = False,
) -> PreTrainedModel:
    """The model, for inference. ``headless``: without its output matrix, as vectors are made.

    Raises ``IntegrityFailed`` where a parameter is in no file.
    """
    model = _skeleton(folder, attention, headless=headless)
    cuts = split(model)
    if numbers.quantized:
        from appliance.engines.torch.quantizing import quantize  # noqa: PLC0415 - see there

        quantize(model, numbers)
    output = model.get_output_embeddings() if folder.architecture.tied and not headless else None
    names = [
        (name, module, key)
        for name, module, key in _parameters(model)
        if module is not output or key != "weight"
    ]
    with large_apart(), TensorReader() as reader:
        filler = _Filler(folder, reader, numbers, device, model.base_model_prefix)
        for done, (name, module, key) in enumerate(names):
            filler.fill(module, key, cuts.get(name, Cut(name)))
            on_progress((done + 1) / len(names))
    if output is not None:
        output.weight = model.get_input_embeddings().weight
    _make_buffers(model, device)
    model.eval()
    return model


def weight_bytes(model: nn.Module) -> int:
    """What parameters and buffers take; shared ones once."""
    seen: dict[int, int] = {}
    for module in model.modules():
        quantized = isinstance(module, Quantized)
        if isinstance(module, Quantized):
            seen[id(module)] = module.held_bytes()
        for key, tensor in (*module._parameters.items(), *module._buffers.items()):  # noqa: SLF001
            if tensor is not None and not (quantized and key == "weight"):
                seen[id(tensor)] = tensor.nbytes
    return sum(seen.values())


def configuration(folder: ModelFolder) -> PretrainedConfig:
    """Of transformers: what the folder says and Carrel knows how to run."""
    return AutoConfig.for_model(folder.architecture.family, **folder.settings)


def _skeleton(folder: ModelFolder, attention: str, *, headless: bool) -> PreTrainedModel:
    config = configuration(folder)
    config._attn_implementation = attention  # noqa: SLF001 - what the argument of from_config sets, unchecked
    maker = AutoModel if headless else AutoModelForCausalLM
    with torch.device("meta"):
        model: PreTrainedModel = maker.from_config(config)
    model.config._attn_implementation = attention  # noqa: SLF001 - as above
    if folder.architecture.encoder:
        # BERT's own pooling is trained for another task; Carrel pools by itself.
        model.__dict__["_modules"]["pooler"] = None
    return model


def _parameters(model: nn.Module) -> Iterator[tuple[str, nn.Module, str]]:
    for prefix, module in model.named_modules():
        for key, parameter in module._parameters.items():  # noqa: SLF001 - with the module that holds it
            if parameter is not None:
                yield (f"{prefix}.{key}" if prefix else key), module, key


@dataclass(frozen=True, slots=True)
class _Filler:
    """``prefix`` is what the folder's names have before those of a headless model."""

    folder: ModelFolder
    reader: TensorReader
    numbers: Numbers
    device: torch.device
    prefix: str

    def fill(self, module: nn.Module, key: str, cut: Cut) -> None:
        """Give a module its parameter ``key``."""
        tensors = self.folder.tensors
        place = tensors.get(cut.source) or tensors.get(f"{self.prefix}.{cut.source}")
        if place is None:
            raise IntegrityFailed(f"The model's files have no {cut.source}.")
        tensor = self.reader.read(place, cut, dtype=self.numbers.compute, device=self.device)
        if key == "weight" and isinstance(module, Quantized):
            module.hold(tensor, self.device)
        else:
            module._parameters[key] = nn.Parameter(tensor, requires_grad=False)  # noqa: SLF001


def _make_buffers(model: nn.Module, device: torch.device) -> None:
    """Tensors that are computed from the configuration and stand in no file."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if name.endswith("rotary_emb") or name == "rotary_emb":
                setattr(parent, name, type(child)(model.config).to(device))
    for module in model.modules():
        for key, buffer in module._buffers.items():  # noqa: SLF001
            if buffer is not None and buffer.is_meta:
                module._buffers[key] = _counted(key, buffer, device)  # noqa: SLF001


def _counted(name: str, buffer: Tensor, device: torch.device) -> Tensor:
    """BERT's positions and token types."""
    if name == "position_ids":
        return torch.arange(buffer.shape[-1], device=device).expand(buffer.shape)
    if name == "token_type_ids":
        return torch.zeros(buffer.shape, dtype=buffer.dtype, device=device)
    raise IntegrityFailed(f"Carrel does not know how this model makes its {name}.")
