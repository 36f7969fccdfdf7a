"""Keys that are printed have no character that is taken for another one."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.policy.keys import LOOK_ALIKE, SECRET_BYTES, format_key, is_easily_read, well_formed
from appliance.services.people.issuing import Issuer
from tests.services.conftest import StillClock


def issue(issuer, **more):
    return issuer.issue(name="seat 1", person="ada", project="nlp", expires_days=None, **more)


def test_a_key_for_paper_is_easily_read():
    issuer = Issuer(StillClock())
    made = [issue(issuer, for_paper=True).secret for _ in range(20)]
    assert all(well_formed(key) and is_easily_read(key) for key in made)
    assert len(set(made)) == 20


def test_others_are_as_they_come():
    made = [issue(Issuer(StillClock())).secret for _ in range(200)]
    assert not all(is_easily_read(key) for key in made)


def test_a_source_without_any_chance_still_makes_a_key():
    issuer = Issuer(StillClock(), bytes)
    assert well_formed(issue(issuer, for_paper=True).secret)


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_the_prefix_every_key_has_does_not_count(secret):
    key = format_key(secret)
    assert is_easily_read(key) == (not set(key[4:]) & LOOK_ALIKE)
