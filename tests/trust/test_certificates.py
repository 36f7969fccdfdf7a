"""A certificate and its key in files that somebody else puts there."""

import pytest

from appliance.errors import ConfigInvalid
from appliance.trust.certificates import DAY_MS, read_pair
from tests.lan.given_certificates import University

NOW_MS = 1_790_000_000_000


@pytest.fixture
def pair(tmp_path):
    return University(NOW_MS).give(tmp_path, NOW_MS, names={"lab.uni.example", "*.uni.example"})


def test_a_pair_that_belongs_together_says_for_whom_it_is_and_how_long(pair):
    said = read_pair(*pair, NOW_MS)
    assert said.names == {"lab.uni.example"}
    assert said.days_left(NOW_MS) == 396


def test_a_certificate_that_is_over_is_refused_with_its_day(pair):
    with pytest.raises(ConfigInvalid, match=r"was over on 2027-10-\d\d"):
        read_pair(*pair, NOW_MS + 397 * DAY_MS)


def test_a_key_of_another_certificate_is_refused(pair, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    _, key = University(NOW_MS).give(other, NOW_MS, names={"lab.uni.example"})
    with pytest.raises(ConfigInvalid, match="does not belong"):
        read_pair(pair[0], key, NOW_MS)


def test_a_key_that_others_can_read_is_refused(pair):
    pair[1].chmod(0o640)
    with pytest.raises(ConfigInvalid, match="chmod 600"):
        read_pair(*pair, NOW_MS)


@pytest.mark.parametrize(("which", "setting"), [(0, "tls_cert_file"), (1, "tls_key_file")])
def test_a_file_that_is_missing_or_something_else_is_refused_by_its_setting(pair, which, setting):
    pair[which].write_text("nothing of the kind")
    with pytest.raises(ConfigInvalid, match=f"`{setting}` holds no"):
        read_pair(*pair, NOW_MS)
    pair[which].unlink()
    with pytest.raises(ConfigInvalid, match=f"`{setting}` cannot be read"):
        read_pair(*pair, NOW_MS)
