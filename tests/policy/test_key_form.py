"""The form of a key: found by scanners, checked before any lookup, masked in logs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.policy.keys import DIGITS, KEY_PATTERN, SECRET_BYTES, format_key, redact_keys, well_formed

secrets = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@given(secrets)
def test_every_secret_makes_a_well_formed_key_of_one_length(secret):
    key = format_key(secret)
    assert well_formed(key)
    assert key.startswith("crl_")
    assert len(key) == 37


@given(secrets, secrets)
def test_two_secrets_make_two_keys(one, other):
    assert (format_key(one) == format_key(other)) == (one == other)


@given(secrets, st.integers(4, 36), st.sampled_from(DIGITS))
def test_one_wrong_character_is_noticed(secret, place, digit):
    key = format_key(secret)
    changed = key[:place] + digit + key[place + 1 :]
    assert well_formed(changed) == (changed == key)


@given(st.text())
def test_no_other_text_is_well_formed(text):
    assert not well_formed(text)
    assert not well_formed(f"crl_{text}")


@pytest.mark.parametrize("length", [0, 19, 21])
def test_a_secret_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="20 random bytes"):
        format_key(bytes(length))


def test_a_trailing_newline_is_not_part_of_a_key():
    assert not well_formed(format_key(bytes(SECRET_BYTES)) + "\n")


@given(st.text(), secrets, st.text())
def test_the_log_filter_leaves_no_key_in_a_text(before, secret, after):
    key = format_key(secret)
    assert key not in redact_keys(before + key + after)


def test_the_log_filter_masks_a_key_that_was_cut_off():
    key = format_key(b"\xa5" * SECRET_BYTES)
    assert redact_keys(f"bad key {key[:20]} sent") == "bad key crl_[redacted] sent"


def test_the_fingerprint_of_a_model_is_not_taken_for_a_key():
    assert KEY_PATTERN.search("crl-r1-0123456789ab-llama.cpp-0.3.36") is None
