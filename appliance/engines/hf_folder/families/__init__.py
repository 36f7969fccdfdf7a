"""The families that the torch engine runs: an allow-list, however many more transformers knows."""

from collections.abc import Mapping
from typing import Final

from appliance.engines.hf_folder.families.bert import Bert
from appliance.engines.hf_folder.families.bloom import Bloom
from appliance.engines.hf_folder.families.family import Family, Shape
from appliance.engines.hf_folder.families.gpt_neox import GptNeox
from appliance.engines.hf_folder.families.llama import Llama, Mistral
from appliance.engines.hf_folder.families.opt import Opt
from appliance.engines.hf_folder.families.qwen import Qwen2, Qwen3

__all__ = ["FAMILIES", "Family", "Shape"]

FAMILIES: Final[Mapping[str, type[Family]]] = {
    family.name: family for family in (Bert, Bloom, GptNeox, Llama, Mistral, Opt, Qwen2, Qwen3)
}
"""By ``model_type``."""
