"""Tiers on a real box: from application to revocation by commands, people over HTTP, leases by the clock."""

import math
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from scripts.registry_sign import lease, make_key
from tests.system.box import RealBox
from tests.system.mortal_box import Seen, Streams, mortal_box

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LEASED = """
[license]
expression = "LicenseRef-study"
title = "Study license"
acceptance = "none"
redistribution = "no"
derivatives = "no"
lease = true
on_lapse = "stop"
"""
FORM = {"model": "mortal", "affiliation": "Uni", "intended_use": "A study.", "publications": "none"}


def test_the_form_of_opt_175b_goes_from_application_to_revocation_by_commands(tmp_path: Path):
    """The script checks each refusal and each step by itself."""
    told = tmp_path / "told.txt"
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "show_access.py"), "--out", str(told)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    text = told.read_text()
    order = ["acceptance", "lease", "personal_acceptance", "agreement", "countersignature", "grant"]
    places = [text.index(f"not_licensed, {one}") for one in order[:3]]
    places += [text.index(f"not_permitted, {one}, waits for: ") for one in order[3:]]
    assert places == sorted(places)
    assert "running streams ended with not_permitted" in text


@pytest.fixture
def box(tmp_path: Path):
    made = mortal_box(tmp_path, hang={}, restarts={})
    recipe = tmp_path / "recipes" / "mortal.toml"
    recipe.write_text(recipe.read_text().replace('tier = "open"', 'tier = "approved"'))
    made.start()
    made.carrel("project", "new", "nlp", "--purpose", "A study of bias.")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def person(box: RealBox, name: str) -> httpx.Client:
    """Somebody of the project, with a key of their own."""
    box.carrel("person", "new", name, "--project", "nlp")
    key = box.new_key(name, "--person", name, "--project", "nlp")
    return httpx.Client(base_url=box.url, headers={"authorization": f"Bearer {key}"}, timeout=30)


def post(http: httpx.Client, path: str, **body: object) -> tuple[int, dict]:
    answer = http.post(f"me/{path}", json=body)
    return answer.status_code, answer.json()


def test_people_sign_and_apply_over_http_and_see_nothing_of_each_other(box: RealBox):
    with person(box, "ada") as ada, person(box, "bob") as bob:
        _, conduct = post(ada, "agreement/show")
        assert post(ada, "agreement/sign", text="0" * 12)[0] == 400
        code, signed = post(ada, "agreement/sign", text=conduct["text_sha256"][:12])
        assert (code, signed["person"], signed["for_project"]) == (200, "ada", False)
        _, text = post(ada, "agreement/show", kind="access")
        code, asked = post(ada, "access/apply", **FORM, agreement=text["text_sha256"][:12])
        assert (code, asked["person"], asked["project"], asked["state"]) == (200, "ada", "nlp", "open")
        assert post(ada, "access/apply", **FORM, agreement=text["text_sha256"][:12], person="bob")[0] == 400
        for verb in ("show", "withdraw"):
            hidden = post(bob, f"access/{verb}", id=asked["id"])
            missing = post(bob, f"access/{verb}", id="app_000000000000")
            assert (hidden[0], missing[0]) == (404, 404)
            assert hidden[1]["error"]["message"] == missing[1]["error"]["message"]
        assert post(bob, "access/mine")[1]["applications"] == []
        assert bob.post("me/access/decide", json={"id": asked["id"]}).status_code in {404, 405}
        [mine] = [one for one in ada.get("me").json()["access"] if one["model"] == "mortal"]
        assert (mine["lacks"], mine["waits_for"]) == ("grant", "reviewer")
        assert asked["id"] in mine["next"]
        words = ("--approve", "--days", "3", "--conditions", "No prints.", "--reason", "Fine.")
        assert box.carrel("access", "decide", asked["id"], *words)["state"] == "approved"
        [mine] = [one for one in ada.get("me").json()["access"] if one["model"] == "mortal"]
        assert (mine["lacks"], mine["conditions"]) == (None, "No prints.")
        assert post(ada, "access/show", id=asked["id"])[1]["reason"] == "Fine."
    box.stop()
    box.start()
    assert [one["state"] for one in box.carrel("access", "list")["grants"]] == ["holds"]
    assert box.carrel("access", "queue")["applications"] == []


async def test_what_runs_ends_when_the_lease_lapses(tmp_path: Path):
    box = mortal_box(tmp_path, hang={}, restarts={}, options={"step_delay_ms": "15"})
    recipe = tmp_path / "recipes" / "mortal.toml"
    recipe.write_text(recipe.read_text().replace('license = "Apache-2.0"\n', "") + LEASED)
    trusted = tmp_path / "box" / "registry-keys"
    trusted.mkdir(parents=True)
    (trusted / "registry.pem").write_bytes(make_key(tmp_path / "registry").read_bytes())
    box.start()
    try:
        known = box.carrel("license", "leases")["box"]
        began_s = time.monotonic()
        headers = {"authorization": f"Bearer {box.new_key()}"}
        # Two more commands and the start of the stream have to come before the lapse.
        life_s = 4 + math.ceil(4 * (time.monotonic() - began_s))
        token = tmp_path / "lease.jwt"
        token.write_text(lease(tmp_path / "registry", known, "mortal", life_s=life_s, grace_s=1))
        [taken] = box.carrel("license", "lease", str(token))["leases"]
        assert box.carrel("model", "run", "mortal")["state"] == "ready"
        async with httpx.AsyncClient(
            base_url=box.url + "/", headers=headers, timeout=60, trust_env=False
        ) as http:
            seen = await Streams(http).one(Seen(), max_tokens=3500)
            late_s = time.time() - taken["grace_until_ms"] / 1000
        print(f"the stream ended {late_s:.3f} s after the lapse")
        assert seen.chunks > 3
        assert (seen.error["code"], seen.error["license"]) == ("not_licensed", {"lacks": "lease"})
        assert 0 <= late_s < 2
        assert box.carrel("license", "leases")["leases"][0]["state"] == "lapsed"
    finally:
        box.stop()
