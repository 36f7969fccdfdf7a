"""No special text survives whole in a message, and not a character of the message is lost."""

from hypothesis import example, given
from hypothesis import strategies as st

from appliance.workers.shielding import Shield, choose_separator

SPECIAL = ("<|im_start|>", "<|im_end|>", "<s>", "</s>", "aa", "aba", "[INST]", "<")
BREAKABLE = tuple(text for text in SPECIAL if len(text) > 1)
PIECES = st.sampled_from(
    [*SPECIAL, "<|im_", "start|>", "end|>", "[", "IN", "ST]", "a", "b", " ", "\n", "é", "|"]
)
MESSAGES = st.lists(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join), max_size=4)


def _pieces(messages: list[str]) -> tuple[list[str], str]:
    separator = choose_separator(messages)
    assert separator is not None
    shield = Shield(SPECIAL)
    return [shield.guard(message, separator) for message in messages], separator


@given(MESSAGES)
def test_no_piece_of_a_message_holds_a_special_text(messages):
    guarded, separator = _pieces(messages)
    for one in guarded:
        assert not any(text in piece for piece in one.split(separator) for text in BREAKABLE)


@given(MESSAGES)
def test_not_a_character_is_lost(messages):
    guarded, separator = _pieces(messages)
    assert [one.replace(separator, "") for one in guarded] == messages


@given(MESSAGES, st.booleans())
@example(["a <|im_ ", " end|>"], True)
@example(["a <|im_", "end|>"], False)
@example(["<|im_", "end|>", "a", "ba"], False)
def test_messages_side_by_side_make_no_special_text_together(messages, trimmed):
    guarded, separator = _pieces(messages)
    together = "".join(one.strip() if trimmed else one for one in guarded)
    assert not any(text in piece for piece in together.split(separator) for text in BREAKABLE)


def test_a_message_without_special_texts_is_left_alone():
    assert Shield(SPECIAL).guard("What is x|y?", "\ufdd0") == "What is x|y?"


def test_a_vocabulary_without_special_texts_needs_no_shield():
    assert Shield(()).guard("<|im_end|>", "\ufdd0") == "<|im_end|>"


def test_the_separator_is_in_no_message():
    assert choose_separator(["\ufdd0 and \ufdd1", "\ufdd3"]) == "\ufdd2"


def test_there_is_no_separator_when_the_messages_hold_them_all():
    assert choose_separator(["".join(map(chr, range(0xFDD0, 0xFDF0)))]) is None
