"""Vocabularies of ``tokenizer.json``: bytes, characters with a sign for spaces, and word pieces."""

import json

import pytest

from appliance.errors import IntegrityFailed, PreparationFailed
from tests.engines.torch_folders import Copy
from tests.required import require_torch

require_torch()

from appliance.engines.hf_folder.vocabulary import open_vocabulary  # noqa: E402

CONTROL = ("<s>", "</s>", "<unk>")


def special(token: int, text: str, **flags) -> dict:
    return {"id": token, "content": text, "special": True, "normalized": False} | flags


def spaced(model: dict, **more) -> dict:
    """A file as SentencePiece's vocabularies come."""
    return {
        "added_tokens": [special(number, text) for number, text in enumerate(CONTROL)],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": model,
    } | more


BYTES = [f"<0x{number:02X}>" for number in range(256)]
LETTERS = ["▁", "a", "b", "<", "/", "s", ">"]
BPE = {
    "type": "BPE",
    "unk_token": "<unk>",
    "fuse_unk": True,
    "byte_fallback": True,
    "vocab": {text: number for number, text in enumerate([*CONTROL, *BYTES, *LETTERS[:-4], "▁a"])}
    | {text: 270 + number for number, text in enumerate("</s>")},
    "merges": [["▁", "a"]],
}
UNIGRAM = {
    "type": "Unigram",
    "unk_id": 2,
    "byte_fallback": False,
    "vocab": [[text, -1.0] for text in (*CONTROL, *LETTERS, "▁a", "ab")],
}


@pytest.fixture
def folder(tiny_torch, tmp_path) -> Copy:
    return Copy.of(tiny_torch(size=300), tmp_path / "model")


@pytest.fixture
def vocabulary_of(folder):
    """Opens a vocabulary over this file."""

    def opening(file: dict):
        folder.write("tokenizer.json", file)
        return open_vocabulary(folder.spec)

    return opening


@pytest.fixture
def own(folder) -> dict:
    """The tiny model's file."""
    return json.loads((folder.path / "tokenizer.json").read_text(encoding="utf-8"))


def text_of(vocabulary, tokens) -> bytes:
    return b"".join(vocabulary.piece(token) for token in tokens)


# ---- whose sizes and ends ----


def test_rows_without_a_token_have_no_text(folder):
    folder.change("config.json", vocab_size=320)
    vocabulary = open_vocabulary(folder.spec)

    assert vocabulary.size == 320
    assert vocabulary.piece(319) == vocabulary.name(319) == b""


def test_ends_are_those_of_the_configuration(folder):
    vocabulary = open_vocabulary(folder.spec)

    assert vocabulary.end_tokens == {260, 262}
    assert (vocabulary.bos_tokens, vocabulary.eos_tokens) == ((260,), (262,))


def test_an_encoder_has_what_its_tokenizer_puts_around_a_text(tiny_torch, tmp_path):
    folder = Copy.of(tiny_torch("bert"), tmp_path / "model")
    expected = ((2,), (3,))
    vocabulary = open_vocabulary(folder.spec)
    assert (vocabulary.bos_tokens, vocabulary.eos_tokens) == expected

    around = {"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]}
    folder.change("tokenizer.json", post_processor=around)
    vocabulary = open_vocabulary(folder.spec)
    assert (vocabulary.bos_tokens, vocabulary.eos_tokens) == expected

    folder.change("tokenizer.json", post_processor=None)
    vocabulary = open_vocabulary(folder.spec)
    assert (vocabulary.bos_tokens, vocabulary.eos_tokens) == ((), ())


# ---- text and back ----


def test_added_text_that_controls_nothing_is_text(vocabulary_of, own):
    own["added_tokens"].append({"id": 300, "content": "two words", "special": False})
    own["model"]["vocab"]["two words"] = 300
    own["model"]["vocab"] = {text: token for text, token in own["model"]["vocab"].items() if token != 299}
    own["added_tokens"][-1]["id"] = own["model"]["vocab"]["two words"] = 299
    vocabulary = vocabulary_of(own)

    tokens = vocabulary.tokenize("two words", parse_special=False)

    assert tokens == [299]
    assert text_of(vocabulary, tokens) == b"two words"
    assert "two words" not in vocabulary.special_texts


def test_bytes_stand_in_for_what_has_no_token(vocabulary_of):
    vocabulary = vocabulary_of(spaced(BPE))

    tokens = vocabulary.tokenize("a bé a\n", parse_special=False)

    assert text_of(vocabulary, tokens) == "a bé a\n".encode()
    assert vocabulary.piece(3 + 0x0A) == b"\n"
    assert vocabulary.name(0) == b"<s>"


def test_a_sign_stands_for_a_space(vocabulary_of):
    vocabulary = vocabulary_of(spaced(UNIGRAM))

    tokens = vocabulary.tokenize("ab a", parse_special=False)

    assert [vocabulary.piece(token) for token in tokens] == [b"ab", b" a"]


def test_what_a_vocabulary_cannot_say_is_its_unknown_token(vocabulary_of):
    vocabulary = vocabulary_of(spaced(UNIGRAM))

    assert vocabulary.tokenize("é", parse_special=False) == [2]
    assert vocabulary.piece(2) == b""


def test_pieces_of_words_begin_them_with_a_space(tiny_torch, tmp_path):
    vocabulary = open_vocabulary(Copy.of(tiny_torch("bert"), tmp_path / "model").spec)

    tokens = vocabulary.tokenize("Hello you", parse_special=False)

    assert text_of(vocabulary, tokens) == b" hello you"


# ---- control tokens ----


@pytest.mark.parametrize("model", [BPE, UNIGRAM], ids=["BPE", "Unigram"])
@pytest.mark.parametrize("text", ["</s>", "a</s>b", "<s></s>", "</s></s>"])
def test_text_of_a_control_token_stays_text_though_the_vocabulary_lists_it(vocabulary_of, model, text):
    vocabulary = vocabulary_of(spaced(model))

    tokens = vocabulary.tokenize(text, parse_special=False)

    assert not {0, 1} & set(tokens)
    assert text_of(vocabulary, tokens) == text.encode()


@pytest.mark.parametrize("parse_special", [True, False])
def test_what_normalization_would_make_a_control_token_is_refused(vocabulary_of, parse_special):
    vocabulary = vocabulary_of(spaced(UNIGRAM, normalizer={"type": "NFKC"}))

    with pytest.raises(PreparationFailed, match="control"):
        vocabulary.tokenize("＜/s＞", parse_special=parse_special)


def test_control_tokens_match_their_own_text_only(vocabulary_of, own):
    own["normalizer"] = {"type": "Lowercase"}
    for added in own["added_tokens"]:
        added["normalized"] = True
    vocabulary = vocabulary_of(own)

    assert vocabulary.tokenize("<|im_end|>", parse_special=True) == [262]
    assert 262 not in vocabulary.tokenize("<|IM_END|>", parse_special=True)


def test_a_control_token_of_one_character_is_text_in_a_text(vocabulary_of, own):
    own["added_tokens"].append(special(263, "☃"))
    own["model"]["vocab"] = {text: id_ for text, id_ in own["model"]["vocab"].items() if id_ < 263}
    vocabulary = vocabulary_of(own)

    assert vocabulary.tokenize("☃", parse_special=True) == [263]
    assert vocabulary.tokenize("☃", parse_special=False) == list("☃".encode())


def test_nothing_is_cut_off_or_filled_up(vocabulary_of, own):
    own["truncation"] = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    own["padding"] = {
        "strategy": {"Fixed": 50},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "!",
    }
    vocabulary = vocabulary_of(own)

    assert len(vocabulary.tokenize("abcdef", parse_special=True)) == 6


# ---- refused ----


@pytest.mark.parametrize(
    "changes",
    [
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Evil"}]}},
        {"pre_tokenizer": {"type": "CharDelimiterSplit", "delimiter": "x"}},
        {
            "pre_tokenizer": {
                "type": "Split",
                "pattern": {"Regex": "(("},
                "behavior": "Isolated",
                "invert": False,
            }
        },
        {"decoder": {"type": "BPEDecoder", "suffix": "</w>"}},
        {"added_tokens": [special(300, "<new>")]},
        {"added_tokens": [special(5, "<new>")]},
        {"added_tokens": [special(1, "")]},
        {"added_tokens": {}},
    ],
)
def test_a_file_that_would_not_be_understood_is_refused(vocabulary_of, own, changes):
    with pytest.raises(IntegrityFailed, match=r"tokenizer\.json"):
        vocabulary_of(own | changes)


@pytest.mark.parametrize(
    "model",
    [
        None,
        {"type": "WordLevel", "vocab": {"<s>": 0, "</s>": 1, "<unk>": 2}, "unk_token": "<unk>"},
        BPE | {"dropout": 0.5},
        BPE | {"end_of_word_suffix": "</w>"},
        BPE | {"continuing_subword_prefix": "##"},
        BPE | {"merges": [["not", "there"]]},
        BPE | {"vocab": BPE["vocab"] | {"b": 300}},
        BPE | {"vocab": BPE["vocab"] | {"b": -1}},
        UNIGRAM | {"vocab": UNIGRAM["vocab"] * 50},
        UNIGRAM | {"vocab": [["a"]]},
    ],
)
def test_so_is_one_whose_model_would_not_be(vocabulary_of, model):
    with pytest.raises(IntegrityFailed, match=r"tokenizer\.json"):
        vocabulary_of(spaced(model))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b"[" * 100_000], ids=["empty", "array", "bytes", "deep"]
)
def test_a_file_that_is_none_is_refused(folder, content):
    (folder.path / "tokenizer.json").write_bytes(content)

    with pytest.raises(IntegrityFailed):
        open_vocabulary(folder.spec)


def test_a_file_that_is_too_long_is_refused(folder):
    with (folder.path / "tokenizer.json").open("wb") as file:
        file.truncate(64 * 2**20 + 1)

    with pytest.raises(IntegrityFailed, match="over"):
        open_vocabulary(folder.spec)


def test_more_tokens_than_rows_are_refused(folder):
    folder.change("config.json", vocab_size=262)

    with pytest.raises(IntegrityFailed, match="does not fit"):
        open_vocabulary(folder.spec)
