"""How a command ends: its exit code, one sentence on standard error, never a traceback."""

import json
import subprocess
import sys

import msgspec
import pytest

from appliance import errors
from appliance.domain import results


def tree(cls):
    return [cls, *(below for child in cls.__subclasses__() for below in tree(child))]


DOCUMENTED = {
    errors.CarrelError: 1,
    errors.BadRequest: 2,
    errors.NotFound: 3,
    errors.NotAllowed: 4,
    errors.NotAuthenticated: 4,
    errors.NotReady: 5,
    errors.DoesNotFit: 6,
    errors.Offline: 7,
    errors.IntegrityFailed: 8,
    errors.TryAgain: 75,
    errors.ReplicaFailed: 75,
    errors.RequestTimeout: 75,
}


@pytest.mark.parametrize("kind", tree(errors.CarrelError), ids=lambda one: one.__name__)
def test_an_error_ends_the_command_with_its_code_and_sentence(carrel, box, kind):
    box.handlers.answers["status"] = kind("Do this next.")
    done = carrel("status")
    assert done.code == kind.exit_code
    assert (done.out, done.err) == ("", "carrel: Do this next.\n")


@pytest.mark.parametrize("kind", DOCUMENTED, ids=lambda one: one.__name__)
def test_exit_codes_are_those_of_the_handbook(kind):
    assert kind.exit_code == DOCUMENTED[kind]


def test_with_json_the_error_is_json_too(carrel, box):
    box.handlers.answers["status"] = errors.NotFound("No such thing.", param="model")
    done = carrel("status", "--json")
    assert done.code == 3
    assert done.out == ""
    assert json.loads(done.err)["error"] == {
        "message": "No such thing.",
        "code": "not_found",
        "param": "model",
    }


def test_an_error_cannot_command_the_terminal(carrel, box):
    box.handlers.answers["status"] = errors.NotFound("\x1b[2Jgone\u202e")
    assert carrel("status").err == "carrel: [2Jgone\n"


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["key", "nonsense"],
        ["status", "--nonsense"],
        ["status", "more"],
        ["key", "new"],
        ["key", "new", ""],
        ["key", "new", "x" * 101],
        ["key", "new", "bad \udcff"],
        ["key", "new", "x", "--expires-days", "-1"],
        ["key", "new", "x", "--expires-days", "soon"],
        ["key", "new", "-x"],
        ["budget", "set", "--credits", "-1"],
        ["budget", "set", "--credits", "much"],
        ["usage", "--by", "weather"],
        ["usage", "--days", "0"],
        ["logs", "--lines", "0"],
        ["up", "--port", "65536"],
        ["config", "set", "port", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_reaches_no_handler(carrel, box, words):
    done = carrel(*words)
    assert done.code == 2
    assert done.out == ""
    assert done.err
    assert box.handlers.calls == []


def test_no_box_ends_with_5_and_says_how_to_start_one(carrel):
    done = carrel("status")
    assert done.code == 5
    assert "carrel up" in done.err


def test_an_interrupt_ends_with_130(carrel):
    def interrupted(_path):
        raise KeyboardInterrupt

    carrel.more["connect"] = interrupted
    assert carrel("status").code == 130


def test_a_reader_that_leaves_is_no_error_of_ours(tmp_path):
    command = f"{sys.executable} -m appliance config get | true"
    environ = {"CARREL_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_a_broken_configuration_is_a_sentence(carrel):
    (carrel.home / "carrel.toml").write_text("prot = 1\n")
    done = carrel("up")
    assert done.code == 2
    assert "did you mean `port`" in done.err


def test_an_audit_log_that_is_not_whole_ends_with_8_and_names_its_first_bad_row(carrel, box):
    verdict = {"ok": False, "rows": 7, "outcomes": 6, "first_bad": 7, "compared_with": 0}
    found = results.AuditVerification(**verdict, reason="it is not what was written")
    box.handlers.answers["audit.verify"] = found
    done = carrel("audit", "verify", "--json")
    assert done.code == 8
    assert json.loads(done.out) == {**verdict, "reason": "it is not what was written"}
    assert "Row 7 is the first that is wrong" in carrel("audit", "verify").out
    box.handlers.answers["audit.verify"] = msgspec.structs.replace(found, ok=True, first_bad=None)
    assert carrel("audit", "verify").code == 0
