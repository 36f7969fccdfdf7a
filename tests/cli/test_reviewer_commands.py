"""A reviewer's own commands: keys are made here, content is opened here, and the box has neither."""

import stat
from pathlib import Path

import msgspec
import pytest

from appliance.domain.results.samples import SealedContent, SealedText
from appliance.policy.sampling.content import Content, as_content
from appliance.trust.sealing import PrivateKey, SealingKey, make_key_pair


@pytest.fixture
def pair(carrel, tmp_path):
    """What `sample key` has written."""
    made = carrel("sample", "key", "--out", str(tmp_path / "rosa"), "--json")
    assert made.code == 0, made.err
    return made.document


def sealed(pair, content):
    public = SealingKey.read(Path(pair["public"]).read_text())
    return SealedContent(id="smp_1", sealed=(SealedText(key=public.id, jwe=public.seal(content)),))


def test_a_pair_of_keys_is_two_files_and_only_its_owner_reads_the_private_one(carrel, pair, tmp_path):
    private, public = tmp_path / "rosa", tmp_path / "rosa.pub"
    assert (pair["private"], pair["public"]) == (str(private), str(public))
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert PrivateKey.read(private.read_text()).id == SealingKey.read(public.read_text()).id == pair["id"]
    again = carrel("sample", "key", "--out", str(private))
    assert again.code == 1
    assert "there already" in again.err


def test_the_public_half_is_what_the_box_is_given(carrel, box, pair):
    given = carrel("sample", "key-add", pair["public"], "--label", "Rosa", "--json")
    assert given.code == 0, given.err
    ((_, arguments),) = box.handlers.calls
    assert '"d"' not in arguments["file"]
    assert SealingKey.read(arguments["file"]).id == pair["id"]


@pytest.mark.parametrize("noun", ["sample", "report"])
def test_sealed_content_is_opened_here_with_the_private_key(carrel, box, pair, noun):
    content = msgspec.json.encode(Content(["user: Hello [/foo]"], ["Hi"], cut=True))
    box.handlers.answers[f"{noun}.fetch"] = sealed(pair, content)
    opened = carrel(noun, "open", "smp_1", "--key", pair["private"], "--json")
    assert opened.document == {
        "id": "smp_1",
        "prompt": ["user: Hello [/foo]"],
        "answers": ["Hi"],
        "cut": True,
    }
    shown = carrel(noun, "open", "smp_1", "--key", pair["private"])
    assert "user: Hello [/foo]" in shown.out
    assert "more of it" in shown.out
    assert [name for name, _ in box.handlers.calls] == [f"{noun}.fetch"] * 2


def test_another_key_opens_nothing_and_no_key_is_refused(carrel, box, pair, tmp_path):
    box.handlers.answers["sample.fetch"] = sealed(pair, as_content("Hi"))
    other = tmp_path / "other"
    other.write_text(make_key_pair().private)
    refused = carrel("sample", "open", "smp_1", "--key", str(other))
    assert refused.code == 8
    assert "other keys" in refused.err
    other.write_text("no key")
    assert carrel("sample", "open", "smp_1", "--key", str(other)).code == 2
    assert carrel("sample", "open", "smp_1", "--key", pair["public"]).code == 2


def test_what_is_no_content_is_an_error_and_no_traceback(carrel, box, pair):
    box.handlers.answers["sample.fetch"] = sealed(pair, b"\xff")
    assert carrel("sample", "open", "smp_1", "--key", pair["private"]).code == 8


def test_a_proof_that_fails_and_alerts_that_go_nowhere_are_told_by_the_exit_code(carrel, box):
    from appliance.domain.results.alerts import AlertTest
    from appliance.domain.results.samples import SampleProof

    box.handlers.answers["alert.test"] = AlertTest(ok=False, tried=())
    assert carrel("alert", "test").code == 1
    proof = SampleProof(
        day="2026-11-21",
        ok=False,
        sha256="ab",
        seed=None,
        requests=1,
        samples=0,
        missing=("req_1",),
        extra=(),
    )
    box.handlers.answers["sample.verify"] = proof
    failed = carrel("sample", "verify")
    assert failed.code == 8
    assert "req_1" in failed.out
