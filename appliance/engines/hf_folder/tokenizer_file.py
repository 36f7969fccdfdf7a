"""Reads ``tokenizer.json`` as far as we have to know it, and writes it anew for the ``tokenizers`` library.

The library gets only what we looked at: no truncation, no padding, nothing added around a text. Special
tokens match their own text and nothing else, whatever normalization the file asks for, so that the
vocabulary's ``special_texts`` name all that can become one.
"""

from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from appliance.engines.hf_folder.files import TOKENIZER, ModelFiles
from appliance.errors import IntegrityFailed

_LONGEST_BYTES: Final = 64 * 2**20
# Without `Precompiled`: the library panics over a damaged one, and none of our families has it.
_NORMALIZERS: Final = frozenset(
    {
        "BertNormalizer",
        "Lowercase",
        "NFC",
        "NFD",
        "NFKC",
        "NFKD",
        "Prepend",
        "Replace",
        "Sequence",
        "Strip",
        "StripAccents",
    }
)
_PRE_TOKENIZERS: Final = frozenset(
    {
        "BertPreTokenizer",
        "ByteLevel",
        "Digits",
        "Metaspace",
        "Punctuation",
        "Sequence",
        "Split",
        "Whitespace",
        "WhitespaceSplit",
    }
)
_DECODERS: Final = frozenset(
    {"ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip", "WordPiece"}
)

_Kind = TypeVar("_Kind")
Id = Annotated[int, Meta(ge=0, lt=2**24)]
Text = Annotated[str, Meta(max_length=4096)]


class AddedToken(msgspec.Struct, frozen=True):
    """A token that is looked for in the text before anything else is done with it."""

    id: Id
    content: Annotated[str, Meta(min_length=1, max_length=4096)]
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool = False
    special: bool = False


class Part(msgspec.Struct, frozen=True):
    """A step of the tokenizer, or several in a row."""

    type: Annotated[str, Meta(max_length=64)]
    normalizers: tuple["Part", ...] = ()
    pretokenizers: tuple["Part", ...] = ()
    decoders: tuple["Part", ...] = ()
    replacement: Text | None = None

    def kinds(self) -> frozenset[str]:
        """Of this one and of all within it."""
        within = (*self.normalizers, *self.pretokenizers, *self.decoders)
        return frozenset({self.type}).union(*(one.kinds() for one in within))


class BpeModel(msgspec.Struct, frozen=True, tag_field="type", tag="BPE"):
    """Merged pairs, of bytes or of characters."""

    vocab: dict[str, Id]
    unk_token: Text | None = None
    dropout: Literal[0] | None = None
    continuing_subword_prefix: Literal[""] | None = None
    end_of_word_suffix: Literal[""] | None = None
    byte_fallback: bool = False


class UnigramModel(msgspec.Struct, frozen=True, tag_field="type", tag="Unigram"):
    """The likeliest division of a text (Kudo, 2018)."""

    vocab: tuple[tuple[str, float], ...]
    unk_id: Id | None = None
    byte_fallback: bool = False


class WordPieceModel(msgspec.Struct, frozen=True, tag_field="type", tag="WordPiece"):
    """The longest beginning of a word, and the longest beginning of what is left of it."""

    vocab: dict[str, Id]
    unk_token: Text | None = None
    continuing_subword_prefix: Literal["##"] = "##"


Model = BpeModel | UnigramModel | WordPieceModel


class _Piece(msgspec.Struct, frozen=True):
    id: Text


class _TemplateItem(msgspec.Struct, frozen=True):
    special: _Piece | None = msgspec.field(name="SpecialToken", default=None)


class _Around(msgspec.Struct, frozen=True):
    """What a post-processor puts before and behind a text."""

    type: str
    single: tuple[_TemplateItem, ...] = ()
    cls: tuple[Text, Id] | None = None
    sep: tuple[Text, Id] | None = None


class _File(msgspec.Struct, frozen=True):
    model: msgspec.Raw
    added_tokens: Annotated[tuple[AddedToken, ...], Meta(max_length=2**17)] = ()
    normalizer: msgspec.Raw = msgspec.Raw(b"null")
    pre_tokenizer: msgspec.Raw = msgspec.Raw(b"null")
    decoder: msgspec.Raw = msgspec.Raw(b"null")
    post_processor: msgspec.Raw = msgspec.Raw(b"null")


_FILE: Final = msgspec.json.Decoder(_File)
_MODEL: Final[msgspec.json.Decoder[Model]] = msgspec.json.Decoder(Model)
_PART: Final[msgspec.json.Decoder[Part | None]] = msgspec.json.Decoder(Part | None)
_AROUND: Final[msgspec.json.Decoder[_Around | None]] = msgspec.json.Decoder(_Around | None)


class TokenizerFile:
    """A file that the library can be given. Raises ``IntegrityFailed`` for one that it should not be."""

    def __init__(self, files: ModelFiles) -> None:
        self._file = _decoded(files.read(TOKENIZER, _LONGEST_BYTES), _FILE)
        self.model: Model = _decoded(self._file.model, _MODEL)
        self.added = self._file.added_tokens
        self.steps = (
            _kinds(self._file.normalizer, _NORMALIZERS)
            | _kinds(self._file.pre_tokenizer, _PRE_TOKENIZERS)
            | _kinds(self._file.decoder, _DECODERS)
        )

    @property
    def unknown(self) -> int | None:
        """The token of what the vocabulary cannot say."""
        if isinstance(self.model, UnigramModel):
            return self.model.unk_id
        return self.model.vocab.get(self.model.unk_token) if self.model.unk_token else None

    def around(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Texts of the tokens that the file puts before and behind a text."""
        found = _decoded(self._file.post_processor, _AROUND)
        if found is None:
            return (), ()
        if found.cls and found.sep:
            return (found.cls[0],), (found.sep[0],)
        texts = [one.special.id if one.special else None for one in found.single]
        if None not in texts:
            return (), ()
        place = texts.index(None)
        first, last = texts[:place], texts[place + 1 :]
        return tuple(one for one in first if one), tuple(one for one in last if one)

    def written(self) -> bytes:
        """For the library."""
        plain = [
            msgspec.structs.replace(one, normalized=one.normalized and not one.special) for one in self.added
        ]
        return msgspec.json.encode(
            {
                "version": "1.0",
                "truncation": None,
                "padding": None,
                "added_tokens": plain,
                "normalizer": self._file.normalizer,
                "pre_tokenizer": self._file.pre_tokenizer,
                "post_processor": None,
                "decoder": None,
                "model": self._file.model,
            }
        )


def _kinds(part: msgspec.Raw, known: frozenset[str]) -> frozenset[str]:
    found = _decoded(part, _PART)
    kinds = found.kinds() if found else frozenset()
    if not kinds <= known:
        raise IntegrityFailed(f"{TOKENIZER} has a step that Carrel does not know; the model cannot be run.")
    return kinds


def _decoded(content: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[_Kind]) -> _Kind:
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityFailed(f"{TOKENIZER} is not of a vocabulary that Carrel reads.") from error
