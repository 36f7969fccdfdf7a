"""Small files beside the weights that say something of the model: a card, a template, how texts are pooled.

They are read with bounds, and nothing in them is carried out; what is taken from them stands in the recipe,
where somebody reads it.
"""

import re
from typing import Final, TypeVar

import msgspec

from appliance.catalog.drafting.listing import by_path
from appliance.catalog.drafting.ports import Source
from appliance.domain.recipe import Pooling

_MOST_BYTES: Final = 4 * 2**20
_LICENSE_LINE: Final = re.compile(
    r"^(license|license_name|license_link):[ ]*['\"]?([^\n'\"]{1,200})", re.MULTILINE
)
_TOKENIZER_CONFIG: Final = "tokenizer_config.json"
_TEMPLATE: Final = "chat_template.jinja"
_CARD: Final = "README.md"
_POOLING: Final = "1_Pooling/config.json"


Kind = TypeVar("Kind", bound=msgspec.Struct)


class _TokenizerConfig(msgspec.Struct, frozen=True):
    chat_template: msgspec.Raw = msgspec.Raw(b"null")


class _Named(msgspec.Struct, frozen=True):
    name: str
    template: str


class _Pooling(msgspec.Struct, frozen=True):
    """As sentence-transformers writes it."""

    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_lasttoken: bool = False


class Beside:
    """Of one source, whose files are listed once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._files = by_path(source.files())

    @property
    def chat_template(self) -> str:
        """The model's own, from where Hugging Face keeps it; empty where there is none."""
        if _TEMPLATE in self._files:
            return self._text(_TEMPLATE)
        config = self._settings(_TOKENIZER_CONFIG, _TokenizerConfig)
        try:
            found = msgspec.json.decode(config.chat_template, type=str | tuple[_Named, ...] | None)
        except msgspec.DecodeError:
            return ""
        if isinstance(found, tuple):
            return next((one.template for one in found if one.name == "default"), "")
        return found or ""

    @property
    def pooling(self) -> Pooling:
        """How the vectors of a text's tokens become its own; empty where nothing says it."""
        found = self._settings(_POOLING, _Pooling)
        if found.pooling_mode_cls_token:
            return "cls"
        if found.pooling_mode_mean_tokens:
            return "mean"
        return "last" if found.pooling_mode_lasttoken else ""

    @property
    def license(self) -> tuple[str, ...]:
        """Lines of the card's head that name one: a hint for whoever reads the license itself."""
        text = self._text(_CARD)
        if not text.startswith("---\n"):
            return ()
        head = text[4:].partition("\n---")[0]
        return tuple(f"{name}: {value.strip()}" for name, value in _LICENSE_LINE.findall(head))

    def _settings(self, path: str, kind: type[Kind]) -> Kind:
        try:
            return msgspec.json.decode(self._text(path) or "{}", type=kind)
        except (msgspec.DecodeError, RecursionError):
            return kind()

    def _text(self, path: str) -> str:
        """Empty for a file that is not there, or longer than any of its kind."""
        found = self._files.get(path)
        if found is None or found.size_bytes > _MOST_BYTES:
            return ""
        return self._source.whole(found, _MOST_BYTES).decode("utf-8", "replace")
