"""Which fields of a request are taken, which are ignored and named, and which would be wrong to ignore.

A field that asks for something the box does not do is refused: leaving it out silently would give a wrong
answer. A field that would let a client reach what is not theirs (files, addresses, templates, grammars) is
refused in any case.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from appliance.edge.decoding import check_json, decode_checked
from appliance.errors import BadRequest

FORBIDDEN: Final = frozenset({
    "api_base", "api_key", "base_url", "cache_salt", "chat_template", "chat_template_kwargs", "grammar",
    "guided_decoding_backend", "guided_grammar", "id_slot", "kv_transfer_params", "logits_processors", "lora",
    "lora_adapter", "lora_adapters", "lora_path", "mm_processor_kwargs", "model_path", "n_discard", "n_keep",
    "tokenizer", "trust_remote_code",
})  # fmt: skip
"""What other servers have let clients pass to an engine, and paid for."""

_Neutral = tuple[Any, ...]

_NOT_YET: Final[Mapping[str, _Neutral]] = {
    "n": (None, 1),
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "repetition_penalty": (None, 1),
    "repeat_penalty": (None, 1),
    "typical_p": (None, 1),
    "mirostat": (None, 0),
    "logit_bias": (None, {}),
    "top_logprobs": (None, 0),
    "prompt_logprobs": (None,),
    "min_tokens": (None, 0),
    "ignore_eos": (None, False),
    "stop_token_ids": (None, []),
    "response_format": (None, {"type": "text"}),
    "structured_outputs": (None,),
    "json_schema": (None,),
    "guided_json": (None,),
    "guided_regex": (None,),
    "guided_choice": (None,),
}
CHAT_NOT_YET: Final[Mapping[str, _Neutral]] = {
    **_NOT_YET,
    "logprobs": (None, False),
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "functions": (None, []),
    "function_call": (None, "none", "auto"),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "web_search_options": (None,),
    "add_generation_prompt": (None, True),
    "continue_final_message": (None, False),
}
"""Field to the values that ask for nothing: those pass, all others are refused."""
COMPLETION_NOT_YET: Final[Mapping[str, _Neutral]] = {
    **_NOT_YET,
    "logprobs": (None,),
    "echo": (None, False),
    "suffix": (None, ""),
    "best_of": (None, 1),
}

_MOST_NAMED: Final = 16
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]")

Shape = msgspec.Struct


@dataclass(frozen=True, slots=True)
class Fields:
    """The field rules of one endpoint."""

    known: frozenset[str]
    not_yet: Mapping[str, _Neutral]

    def ignored_in(self, body: bytes) -> tuple[str, ...]:
        """Names of the fields that will not be looked at. Raises ``BadRequest`` on one that must be."""
        check_json(body)
        given = decode_checked(body, dict[str, msgspec.Raw])
        for name in given.keys() & FORBIDDEN:
            raise BadRequest(f"`{name}` is not accepted by this box; leave it out.", param=name)
        for name in given.keys() & self.not_yet.keys():
            if decode_checked(given[name], object) not in self.not_yet[name]:
                raise BadRequest(_not_yet(name), param=name)
        return tuple(name for name in given if name not in self.known and name not in self.not_yet)


def ignored_header(names: tuple[str, ...]) -> dict[str, str]:
    """``x-carrel-ignored``: the first names, safe for a header; nothing where nothing was ignored."""
    if not names:
        return {}
    shown = [_NOT_IN_A_NAME.sub("_", name[:64]) for name in names[:_MOST_NAMED]]
    return {"x-carrel-ignored": ",".join(shown)}


def _not_yet(name: str) -> str:
    if name == "n":
        return "`n` must be 1: the box gives one choice a request; send the request again for another."
    return f"`{name}` is not supported yet; leave it out."
