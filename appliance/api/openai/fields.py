"""Which fields of a request are taken, which are ignored and named, and which would be wrong to ignore.

A field that asks for something the box does not do is refused: leaving it out silently would give a wrong
answer. A field that would let a client reach what is not theirs (files, addresses, templates, grammars) is
refused in any case.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    "typical_p": (None, 1),
    "mirostat": (None, 0),
    "prompt_logprobs": (None,),
    "min_tokens": (None, 0),
    "ignore_eos": (None, False),
    "stop_token_ids": (None, []),
    "structured_outputs": (None,),
    "json_schema": (None,),
    "guided_json": (None,),
    "guided_regex": (None,),
    "guided_choice": (None,),
}
"""Field to the values that ask for nothing: those pass, all others are refused."""
CHAT_NOT_YET: Final[Mapping[str, _Neutral]] = {
    **_NOT_YET,
    "functions": (None, []),
    "function_call": (None, "none", "auto"),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "web_search_options": (None,),
    "add_generation_prompt": (None, True),
    "continue_final_message": (None, False),
    "echo": (None, False),
}
COMPLETION_NOT_YET: Final[Mapping[str, _Neutral]] = {
    **_NOT_YET,
    "top_logprobs": (None, 0),
    "response_format": (None, {"type": "text"}),
    "add_special_tokens": (None, True),
}
CHAT_HARMLESS: Final[Mapping[str, _Neutral]] = {"store": (None, False), "verbosity": (None, "medium")}
"""Field to the values that are kept to; others change no more than a record or a style, and are named."""
_INSTEAD: Final = {
    "functions": "send `tools` instead",
    "function_call": "send `tool_choice` instead",
    "audio": "the models here answer with text",
    "modalities": "the models here answer with text",
    "web_search_options": "the box reaches no other machine",
    "guided_json": "send `response_format` instead",
    "json_schema": "send `response_format` instead",
    "structured_outputs": "send `response_format` instead",
    "prompt_logprobs": "POST /v1/completions with `echo` and `logprobs` gives them",
}

_MOST_NAMED: Final = 16
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]")

Shape = msgspec.Struct


@dataclass(frozen=True, slots=True)
class Fields:
    """The field rules of one endpoint. ``instead`` are fields of its relatives, and what it calls them."""

    known: frozenset[str]
    not_yet: Mapping[str, _Neutral]
    instead: Mapping[str, str] = field(default_factory=dict)
    harmless: Mapping[str, _Neutral] = field(default_factory=dict)

    def ignored_in(self, body: bytes) -> tuple[str, ...]:
        """Names of the fields that will not be looked at. Raises ``BadRequest`` on one that must be."""
        check_json(body)
        given = decode_checked(body, dict[str, msgspec.Raw])
        for name in given.keys() & FORBIDDEN:
            raise BadRequest(f"`{name}` is not accepted by this box; leave it out.", param=name)
        for name in given.keys() & self.instead.keys():
            raise BadRequest(f"`{name}` is called `{self.instead[name]}` here.", param=name)
        for name in given.keys() & self.not_yet.keys():
            if decode_checked(given[name], object) not in self.not_yet[name]:
                raise BadRequest(
                    f"`{name}` is not supported; {_INSTEAD.get(name, 'leave it out')}.", param=name
                )
        return tuple([name for name in given if not self._kept(name, given[name])])

    def _kept(self, name: str, value: msgspec.Raw) -> bool:
        if name in self.harmless:
            return decode_checked(value, object) in self.harmless[name]
        return name in self.known or name in self.not_yet


def ignored_header(names: tuple[str, ...]) -> dict[str, str]:
    """``x-carrel-ignored``: the first names, safe for a header; nothing where nothing was ignored."""
    if not names:
        return {}
    shown = [_NOT_IN_A_NAME.sub("_", name[:64]) for name in names[:_MOST_NAMED]]
    return {"x-carrel-ignored": ",".join(shown)}
