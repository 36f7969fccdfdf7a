"""The box's own authority: what it signs, for how long, and what it may not."""

import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from appliance.errors import ConfigInvalid, IntegrityFailed
from appliance.trust.certificates import DAY_MS, covers, describe, read_certificate
from appliance.trust.issuing import Pair, Subjects, new_server
from appliance.trust.local_authority import LocalAuthority
from tests.required import not_run

NOW_MS = 1_790_000_000_000
BOX = Subjects(
    names=frozenset({"lab-01.local", "lab-01", "localhost"}),
    addresses=frozenset({"10.20.0.5", "127.0.0.1"}),
    networks=frozenset({"10.20.0.0/16", "127.0.0.1/32"}),
    more_names=frozenset({"lab-01-2.local"}),
)


def box(*, names: set[str] | None = None, addresses: set[str] | None = None) -> Subjects:
    return Subjects(
        frozenset(names or BOX.names), frozenset(addresses or BOX.addresses), BOX.networks, BOX.more_names
    )


def made(folder: Path, subjects: Subjects = BOX, now_ms: int = NOW_MS) -> LocalAuthority:
    authority = LocalAuthority.at(folder, subjects, now_ms)
    authority.server(subjects, now_ms)
    return authority


def test_a_server_has_its_names_and_addresses_for_397_days(tmp_path):
    authority = LocalAuthority.at(tmp_path / "tls", BOX, NOW_MS)
    said = authority.server(BOX, NOW_MS)
    assert said.names == BOX.names
    assert said.addresses == BOX.addresses
    assert said.ends_ms - said.begins_ms == 397 * DAY_MS
    assert covers(said, "10.20.0.5")
    assert covers(said, "LAB-01.local")
    assert not covers(said, "10.20.0.6")


def test_the_authority_lasts_ten_years_and_signs_no_other(tmp_path):
    found = x509.load_pem_x509_certificate(LocalAuthority.at(tmp_path, BOX, NOW_MS).pem)
    limits = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (limits.value.ca, limits.value.path_length, limits.critical) == (True, 0, True)
    assert (found.not_valid_after_utc - found.not_valid_before_utc).days == 3653
    assert found.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_both_are_kept_and_only_their_owner_reads_them(tmp_path):
    first = made(tmp_path / "tls")
    serial = read_certificate(first.server_file).serial_number
    again = made(tmp_path / "tls", now_ms=NOW_MS + 300 * DAY_MS)
    assert again.fingerprint == first.fingerprint
    assert read_certificate(again.server_file).serial_number == serial
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "tls").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert b"PRIVATE" not in again.pem


@pytest.mark.parametrize(("day", "renewed"), [(365, False), (367, True)])
def test_a_server_is_renewed_when_less_than_thirty_days_are_left(tmp_path, day, renewed):
    authority = made(tmp_path)
    before = authority.server(BOX, NOW_MS)
    after = authority.server(BOX, NOW_MS + day * DAY_MS)
    assert (after.fingerprint != before.fingerprint) is renewed


@pytest.mark.parametrize(
    "changed",
    [box(names={*BOX.names, "lab-01-2.local"}), box(addresses={"10.20.0.9", "127.0.0.1"})],
    ids=["another name", "another address"],
)
def test_a_change_that_the_authority_allows_makes_a_new_server_alone(tmp_path, changed):
    first = made(tmp_path)
    serial = read_certificate(first.server_file).serial_number
    again = made(tmp_path, changed)
    assert again.fingerprint == first.fingerprint
    assert read_certificate(again.server_file).serial_number != serial


@pytest.mark.parametrize(
    "changed",
    [box(names={"other.local"}), box(addresses={"192.168.1.5"})],
    ids=["another name", "another network"],
)
def test_another_name_or_network_makes_a_new_authority_with_a_server_of_its_own(tmp_path, changed):
    first = made(tmp_path)
    again = made(tmp_path, changed)
    assert again.fingerprint != first.fingerprint
    read_certificate(again.server_file).verify_directly_issued_by(x509.load_pem_x509_certificate(again.pem))


def test_an_authority_that_would_end_before_its_server_is_made_anew(tmp_path):
    first = made(tmp_path)
    assert made(tmp_path, now_ms=NOW_MS + 3000 * DAY_MS).fingerprint == first.fingerprint
    assert made(tmp_path, now_ms=NOW_MS + 3300 * DAY_MS).fingerprint != first.fingerprint


def test_a_clock_that_is_behind_makes_no_new_authority(tmp_path):
    first = made(tmp_path)
    assert made(tmp_path, now_ms=NOW_MS - 3000 * DAY_MS).fingerprint == first.fingerprint


def test_a_damaged_authority_is_no_reason_for_another_one(tmp_path):
    made(tmp_path)
    (tmp_path / "authority.pem").write_text("half a key")
    with pytest.raises(IntegrityFailed, match="backup"):
        made(tmp_path)


def test_a_damaged_server_is_made_anew(tmp_path):
    authority = made(tmp_path)
    authority.server_file.write_text("half a key")
    authority.server(BOX, NOW_MS)
    read_certificate(authority.server_file)


def test_a_folder_that_cannot_be_written_is_a_wrong_setting(tmp_path):
    (tmp_path / "tls").write_text("not a folder")
    with pytest.raises(ConfigInvalid, match="certificates cannot be"):
        made(tmp_path / "tls")


def verified(authority: LocalAuthority, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "ca.pem").write_bytes(authority.pem)
    at = str(int(NOW_MS / 1000))
    return subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", at, "-CAfile", "ca.pem", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def openssl() -> None:
    if shutil.which("openssl") is None:
        not_run("openssl is not installed")


@pytest.mark.usefixtures("openssl")
def test_openssl_takes_the_server_by_name_and_by_address(tmp_path):
    authority = made(tmp_path)
    for how in (("-verify_ip", "10.20.0.5"), ("-verify_hostname", "lab-01.local")):
        done = verified(authority, tmp_path, *how, "server.pem")
        assert done.returncode == 0, done.stderr
    assert verified(authority, tmp_path, "-verify_ip", "10.20.0.6", "server.pem").returncode != 0


@pytest.mark.usefixtures("openssl")
@pytest.mark.parametrize(
    "foreign", [box(names={"bank.example"}), box(addresses={"8.8.8.8"})], ids=["a name", "an address"]
)
def test_what_the_authority_would_sign_for_others_is_refused(tmp_path, foreign):
    authority = made(tmp_path)
    forged = new_server(_pair(tmp_path / "authority.pem"), foreign, NOW_MS)
    (tmp_path / "forged.pem").write_bytes(forged.certificate.public_bytes(serialization.Encoding.PEM))
    done = verified(authority, tmp_path, "forged.pem")
    assert done.returncode != 0
    assert "permitted subtree violation" in done.stderr


def _pair(path: Path) -> Pair:
    raw = path.read_bytes()
    return Pair(serialization.load_pem_private_key(raw, None), x509.load_pem_x509_certificates(raw)[0])


def test_the_fingerprint_is_the_one_that_other_programs_print(tmp_path):
    authority = made(tmp_path)
    found = x509.load_pem_x509_certificate(authority.pem)
    assert authority.fingerprint == describe(found).fingerprint
    assert len(authority.fingerprint) == 95
    assert datetime.fromtimestamp(describe(found).ends_ms / 1000, UTC) == found.not_valid_after_utc
