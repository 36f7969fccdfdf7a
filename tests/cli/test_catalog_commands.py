"""`carrel catalog`: a catalog of one's own from the first key to a box that trusts it."""

import io
import sys
from pathlib import Path

import pytest

from appliance.domain.results import CatalogRefresh, CatalogsRefreshed
from tests.catalog.signed_catalogs import sha256_of, toml_of


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_bytes(toml_of("tiny"))
    (tmp_path / "license.txt").write_text("Be fair.")
    return str(path)


@pytest.fixture
def at(tmp_path, carrel):
    folder = tmp_path / "lab"
    assert carrel("catalog", "init", "--at", str(folder)).code == 0
    return str(folder)


def text_of(at):
    return str(Path(at).with_name("license.txt"))


def test_from_the_first_key_to_a_box_that_trusts(carrel, tmp_path, at, recipe):
    added = carrel("catalog", "add", recipe, "--at", at, "--license-text", text_of(at), "--json")
    assert added.document == {"organization": "", "recipes": ["tiny 1"]}
    assert (
        carrel("catalog", "publish", "--at", at, "--to", str(tmp_path / "web"), "--json").document["files"]
        > 5
    )
    root = f"{at}/metadata/1.root.json"
    trusted = carrel("catalog", "trust", "lab", "--root", root, "--folder", str(tmp_path / "web"), "--json")
    assert trusted.document["root_sha256"] == sha256_of(Path(root).read_bytes())
    assert (tmp_path / "catalogs" / "lab" / "root.json").exists()
    assert carrel("catalog", "trust", "lab", "--root", root).code == 1
    assert carrel("catalog", "distrust", "lab").code == 0
    assert carrel("catalog", "distrust", "lab").code == 3


def test_an_organization_signs_in_a_folder_of_its_own(carrel, tmp_path, at):
    uni, key = str(tmp_path / "uni"), tmp_path / "uni.own.toml"
    made = carrel("catalog", "init", "--at", uni, "--org", "uni", "--json").document
    key.write_bytes(toml_of("uni.own"))
    (tmp_path / "license.txt").write_text("Be fair.")
    assert carrel("catalog", "add", str(key), "--at", uni, "--license-text", text_of(at)).code == 0
    assert carrel("catalog", "sign", "--at", uni, "--json").document["role"] == "org.uni"
    assert carrel("catalog", "delegate", "uni", "--at", at).code == 2
    assert carrel("catalog", "delegate", "uni", "--at", at, "--key", made["give"]).code == 0
    assert carrel("catalog", "add", uni, "--at", at).code == 2
    taken = carrel("catalog", "add", uni, "--at", at, "--org", "uni", "--json")
    assert taken.document == {"organization": "uni", "recipes": ["uni.own 1"]}
    assert carrel("catalog", "delegate", "uni", "--at", at, "--withdraw").code == 0


def test_what_is_signed_says_how_long_it_is_good(carrel, at):
    short = carrel("catalog", "sign", "--at", at, "--days", "1", "--json").document
    long = carrel("catalog", "sign", "--at", at, "--role", "root", "--rotate", "--json").document
    assert (short["role"], short["rotated"], long["rotated"], long["version"]) == ("snapshot", False, True, 2)
    assert 390 < (long["expires_ms"] - short["expires_ms"]) / 86_400_000 < 400


def test_a_recipe_is_taken_out_by_its_id(carrel, at, recipe):
    carrel("catalog", "add", recipe, "--at", at, "--license-text", text_of(at))
    assert carrel("catalog", "remove", "tiny", "--at", at, "--json").document["recipes"] == ["tiny 1"]
    assert carrel("catalog", "remove", "tiny", "--at", at).code == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("add", "missing.toml", "--at", "AT"), 2, "cannot be read"),
        (("add", "RECIPE", "--at", "AT"), 2, "--license-text"),
        (("publish", "--at", "/nowhere", "--to", "/nowhere"), 3, "carrel catalog init"),
        (("init", "--at", "AT"), 1, "already"),
        (("trust", "lab", "--root", "RECIPE"), 2, "no root"),
        (("trust", "Lab", "--root", "AT/metadata/1.root.json"), 2, "name"),
        (("trust", "lab", "--root", "AT/metadata/1.root.json", "--address", "http://a.b"), 2, "plain_http"),
        (("trust", "lab", "--root", "AT/metadata/1.root.json", "--prefix", "A B"), 2, "prefix"),
    ],
)
def test_refusals_say_what_to_do(carrel, at, recipe, words, code, says):  # noqa: PLR0917
    spelled = [word.replace("AT", at).replace("RECIPE", recipe) for word in words]
    done = carrel("catalog", *spelled)
    assert (done.code, done.out) == (code, "")
    assert says in done.err


def test_a_passphrase_comes_from_a_pipe(carrel, tmp_path, monkeypatch):
    def piped(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    folder = str(tmp_path / "lab")
    piped("")
    assert carrel("catalog", "init", "--at", folder, "--passphrase").code == 2
    piped("secret\n")
    assert carrel("catalog", "init", "--at", folder, "--passphrase").code == 0
    assert all("secret" not in path.name for path in tmp_path.rglob("*"))
    piped("secret\n")
    assert carrel("catalog", "sign", "--at", folder, "--role", "root").code == 0
    piped("wrong\n")
    assert carrel("catalog", "sign", "--at", folder, "--role", "root").code == 4


def outcome(word):
    return CatalogRefresh(name="lab", outcome=word, reason="why", came=("a 1",), went=(), changed=())


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 0),
        (("refreshed",), 0),
        (("refreshed", "offline"), 7),
        (("offline", "refused"), 8),
    ],
)
def test_a_refresh_ends_with_the_code_of_its_worst_catalog(carrel, box, outcomes, code):
    box.handlers.answers["catalog.refresh"] = CatalogsRefreshed(catalogs=tuple(map(outcome, outcomes)))
    done = carrel("catalog", "refresh")
    assert done.code == code
    assert all(word in done.out or word == "refreshed" for word in outcomes)


def test_an_alarm_is_seen_in_the_status_and_by_the_doctor(carrel, box):
    from tests.admin.fake_box import status

    alarm = "The catalog lab cannot be verified: why."
    box.handlers.answers["status"] = status(alarms=(alarm,))
    assert alarm in carrel("status").out
    found = [one for one in carrel("doctor", "--json").document["checks"] if one["id"] == "alarms"]
    assert [(one["state"], one["reason"], one["fix"]) for one in found] == [("fail", alarm, "carrel status")]
