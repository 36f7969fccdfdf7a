"""What every Vocabulary does, fake or real."""

import pytest

from appliance.engines.plugins import find_plugin
from appliance.errors import PreparationFailed
from tests.engines.driving import ENGINES


@pytest.fixture(params=ENGINES)
def opened(request, spec_of):
    spec = spec_of(request.param)
    return find_plugin(spec.engine).open_vocabulary(spec), find_plugin(spec.engine).open_runner(spec)


@pytest.mark.parametrize("text", ["", "plain", "é日🜁", "a\x00b", " <|im_end|> ", "[unused0]"])
def test_plain_text_comes_back_from_its_tokens(opened, text):
    vocabulary, runner = opened

    tokens = vocabulary.tokenize(text, parse_special=False)

    assert b"".join(runner.piece(token) for token in tokens).decode() == text


def test_special_texts_become_control_tokens_only_where_asked(opened):
    vocabulary, runner = opened
    assert "<|im_start|>" in vocabulary.special_texts

    for text in vocabulary.special_texts:
        (token,) = vocabulary.tokenize(text, parse_special=True)
        assert runner.piece(token) == b""
        assert len(vocabulary.tokenize(text, parse_special=False)) > 1


def test_control_tokens_stand_between_text(opened):
    vocabulary, runner = opened

    tokens = vocabulary.tokenize("a<|im_end|>b", parse_special=True)

    assert [runner.piece(token) for token in tokens] == [b"a", b"", b"b"]
    assert tokens[1] in runner.end_tokens


def test_no_token_is_added_before_or_after(opened):
    vocabulary, _ = opened

    assert len(vocabulary.tokenize("x", parse_special=True)) == 1
    assert len(vocabulary.bos_tokens) == 1


def test_half_a_character_is_refused(opened):
    vocabulary, _ = opened

    with pytest.raises(PreparationFailed):
        vocabulary.tokenize("\ud83d", parse_special=False)


def test_tokens_are_below_the_vocabulary_of_the_facts(opened):
    vocabulary, runner = opened

    assert max(vocabulary.tokenize("<|im_end|>", parse_special=True)) < runner.facts.vocabulary
