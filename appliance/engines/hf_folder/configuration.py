"""Reads ``config.json``: which family it is of, and then what that family says of itself."""

from typing import Final, TypeVar

import msgspec

from appliance.engines.hf_folder.families import FAMILIES, Family
from appliance.engines.hf_folder.families.family import TokenNumbers
from appliance.engines.hf_folder.files import CONFIG, GENERATION, ModelFiles
from appliance.errors import IntegrityFailed

_LONGEST_BYTES: Final = 2**20
_LONGEST_REASON: Final = 200
_Kind = TypeVar("_Kind", bound=msgspec.Struct)


_NULL: Final = msgspec.Raw(b"null")


class _Beginning(msgspec.Struct, frozen=True):
    """What is looked at before the family is known."""

    model_type: str = ""
    architectures: tuple[str, ...] | None = None
    auto_map: msgspec.Raw = _NULL
    quantization_config: msgspec.Raw = _NULL


class _Ends(msgspec.Struct, frozen=True):
    """What ``generation_config.json`` says better than ``config.json``."""

    bos_token_id: TokenNumbers = None
    eos_token_id: TokenNumbers = None


def read_configuration(files: ModelFiles) -> Family:
    """Raises ``IntegrityFailed`` with the reason for a model that the engine does not run."""
    content = files.read(CONFIG, _LONGEST_BYTES)
    kind = _kind(_decoded(content, _Beginning, CONFIG))
    found = _decoded(content, kind, CONFIG)
    try:
        found.checked()
    except ValueError as error:
        raise IntegrityFailed(f"{CONFIG} makes no sense: {error}.") from error
    return _ended(found, files) if GENERATION in files else found


def _kind(beginning: _Beginning) -> type[Family]:
    if beginning.auto_map != _NULL:
        raise IntegrityFailed(f"{CONFIG} names code of the model's own (auto_map), and Carrel runs none.")
    if beginning.quantization_config != _NULL:
        raise IntegrityFailed(
            f"{CONFIG} says that the weights are quantized (quantization_config). Take the model in full "
            "precision; the form's `precision` says what Carrel makes of it."
        )
    kind = FAMILIES.get(beginning.model_type)
    if kind is None:
        raise IntegrityFailed(
            f"The torch engine does not run models of the type {_shown(beginning.model_type)}; it runs "
            f"{', '.join(sorted(FAMILIES))}."
        )
    classes = beginning.architectures or ()
    if not kind.classes.issuperset(classes):
        other = next(one for one in classes if one not in kind.classes)
        raise IntegrityFailed(f"{CONFIG} is of a {_shown(other)}, which the torch engine does not run.")
    return kind


def _ended(found: Family, files: ModelFiles) -> Family:
    ends = _decoded(files.read(GENERATION, _LONGEST_BYTES), _Ends, GENERATION)
    given = {name: getattr(ends, name) for name in ("bos_token_id", "eos_token_id")}
    return msgspec.structs.replace(found, **{name: one for name, one in given.items() if one is not None})


def _decoded(content: bytes, kind: type[_Kind], name: str) -> _Kind:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityFailed(f"{name} is not of a model that Carrel runs: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return "".join(one for one in str(error)[:_LONGEST_REASON] if one.isprintable())
    return "it is no JSON"


def _shown(text: str) -> str:
    """A word that a file says, short and harmless."""
    word = text.isascii() and text.replace("_", "").replace("-", "").replace(".", "").isalnum()
    return repr(text[:64]) if word else "without a name"
