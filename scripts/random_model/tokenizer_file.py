"""Vocabularies as ``tokenizer.json``."""

from make_tiny_gguf import CONTROL_TEXTS

from random_model.vocabulary import BytePairs

_PLAIN = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}


def tokenizer_json(vocabulary: BytePairs) -> dict[str, object]:
    """Byte-level BPE, with the control tokens wherever they stand in the vocabulary."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    ids = {text: id_ for id_, text in enumerate(vocabulary.tokens)}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": ids[text], "content": text, **_PLAIN} for text in CONTROL_TEXTS],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": ids,
            "merges": [list(pair) for pair in vocabulary.merges],
        },
    }


def word_pieces_json(tokens: list[str], control: tuple[str, ...]) -> dict[str, object]:
    """As BERT has them; ``control`` are padding, unknown, beginning, end and mask, in this order."""
    ids = {text: id_ for id_, text in enumerate(tokens)}
    _, unknown, first, last, _ = control
    pieces = [{"Sequence": {"id": "A", "type_id": 0}}]
    around = [{"SpecialToken": {"id": one, "type_id": 0}} for one in (first, last)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": ids[text], "content": text, **_PLAIN} for text in control],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [around[0], *pieces, around[1]],
            "pair": [around[0], *pieces, around[1]],
            "special_tokens": {one: {"id": one, "ids": [ids[one]], "tokens": [one]} for one in (first, last)},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": unknown,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": ids,
        },
    }
