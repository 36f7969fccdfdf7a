"""What a person sees of `carrel model pull`: one line that moves on, the outcome as an exit code."""

import io
import sys

import msgspec
import pytest

from appliance.cli.awaiting import awaited, words_of
from appliance.client.presenting.showing import present
from appliance.domain.actions import action
from appliance.domain.results import DownloadList, DownloadStatus, KeptFile, Removal
from appliance.errors import GatewayNotRunning, IntegrityFailed
from tests.admin.fake_box import status

MIB = 2**20
RUNNING = DownloadStatus(
    id="dl-1",
    model="tiny",
    revision=1,
    state="running",
    total_bytes=1000 * MIB,
    verified_bytes=430 * MIB,
    fetched_bytes=430 * MIB,
    percent=43,
    source="hub lab/tiny",
    created_ms=0,
    updated_ms=0,
    bytes_per_s=10 * MIB,
    eta_s=57,
)
DONE = msgspec.structs.replace(RUNNING, state="done", percent=100, verified_bytes=1000 * MIB)
PULL = action("model.pull")


def with_state(state, **changes):
    return msgspec.structs.replace(RUNNING, state=state, **changes)


class Standing:
    """Answers ``download.show`` with one status after the other, the last for ever."""

    def __init__(self, box, *statuses):
        self.left = list(statuses)
        box.handlers.answers["model.pull"] = RUNNING
        box.handlers.answers["download.show"] = self.left[0]
        box.handlers.notice = self.turn
        self.answers = box.handlers.answers

    def turn(self, name):
        if name == "download.show" and len(self.left) > 1:
            self.left.pop(0)
            self.answers["download.show"] = self.left[0]


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (DONE, 0),
        (with_state("failed", error="integrity_failed", reason="Other bytes."), 8),
        (with_state("failed", error="insufficient_storage", reason="Full."), 5),
        (with_state("failed", error="outbound_failed", reason="Nobody answers."), 75),
        (with_state("failed", error="not_licensed", reason="Withdrawn."), 4),
        (with_state("failed", error="", reason="Unknown."), 1),
        (with_state("paused"), 75),
        (with_state("cancelled"), 1),
    ],
)
def test_the_outcome_is_the_exit_code_and_the_last_document(carrel, box, end, code):
    Standing(box, end)
    done = carrel("model", "pull", "tiny", "--json")
    assert done.code == code
    assert done.document["state"] == end.state
    assert ("download.show", {"download": "dl-1"}) in box.handlers.calls


def test_in_the_background_nothing_is_waited_for(carrel, box):
    Standing(box, RUNNING)
    done = carrel("model", "pull", "tiny", "--background", "--json")
    assert (done.code, done.document["state"], done.err) == (0, "running", "")
    assert [name for name, _ in box.handlers.calls] == ["model.pull"]


def test_what_is_here_already_has_nothing_told_of_it(carrel, box):
    box.handlers.answers["model.pull"] = DONE
    done = carrel("model", "pull", "tiny")
    assert (done.code, done.err) == (0, "")


def follow(carrel, box, *statuses):
    Standing(box, *statuses)
    return awaited(carrel.desk(), PULL, RUNNING, pause=lambda _s: None)


def test_where_lines_stay_one_is_told_now_and_then(carrel, box, capsys):
    assert follow(carrel, box, RUNNING, RUNNING, DONE) == DONE
    told = capsys.readouterr().err
    assert told == "tiny: 43 %, 430 of 1,000 MiB verified, 10.0 MiB/s, 0 min 57 s left, from hub lab/tiny\n"


def test_on_a_terminal_one_line_is_written_over(carrel, box, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    follow(carrel, box, RUNNING, with_state("checking"), DONE)
    told = terminal.getvalue()
    assert "\n" not in told
    parts = told.split("\r\x1b[K")
    assert [len(one) < 60 for one in parts] == [True] * len(parts)
    assert parts[0] == parts[-1] == ""
    assert "looking inside" in told


def test_a_place_that_is_not_asked_any_more_is_named_once(carrel, box, capsys):
    dropped = with_state("running", dropped=("mirror https://m",))
    follow(carrel, box, dropped, dropped, DONE)
    assert capsys.readouterr().err.count("mirror https://m served other bytes") == 1


def test_who_leaves_is_told_that_it_goes_on(carrel, box, capsys):
    Standing(box, RUNNING)

    def leave(_s):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        awaited(carrel.desk(), PULL, RUNNING, pause=leave)
    told = capsys.readouterr().err
    assert "`carrel download pause tiny`" in told
    assert "`carrel download cancel tiny`" in told


def test_a_box_that_ends_meanwhile_is_told_of_with_what_goes_on(carrel, box):
    Standing(box, GatewayNotRunning("It ended."))
    done = carrel("model", "pull", "tiny")
    assert done.code == 5
    assert "goes on once the box is up again: `carrel up`" in done.err


def test_a_refusal_ends_the_pull_with_its_code(carrel, box):
    box.handlers.answers["model.pull"] = IntegrityFailed("The catalog cannot be verified.")
    assert carrel("model", "pull", "tiny").code == 8


def test_words_say_why_it_stands_still():
    why = "Nobody answers. Try again. Carrel does so by itself after 5 s."
    waiting = with_state("running", reason=why, eta_s=None)
    assert words_of(waiting).endswith(f"from hub lab/tiny. {why}")
    assert "waits for its turn" in words_of(with_state("waiting"))


def test_a_terminal_asks_who_accepts_a_license(carrel, box, monkeypatch):
    carrel.more["asks"] = True
    monkeypatch.setattr(sys, "stdin", io.StringIO("A\nhead of the lab\n"))
    box.handlers.answers["model.pull"] = DONE
    done = carrel("model", "pull", "tiny", "--accept-license", "ab" * 32, "--purpose", "teaching")
    assert done.code == 0
    ((_, given),) = box.handlers.calls
    assert (given["who"], given["authority"], given["purpose"]) == ("A", "head of the lab", "teaching")


def test_a_terminal_asks_nothing_where_no_license_is_accepted(carrel, box):
    carrel.more["asks"] = True
    box.handlers.answers["model.pull"] = DONE
    assert carrel("model", "pull", "tiny").code == 0


REMOVAL = Removal(
    model="tiny",
    dry_run=True,
    freed_bytes=3 * MIB,
    removed=("a.gguf", "b.gguf"),
    kept=(KeptFile(name="t.json", models=("other",)),),
)


def test_removing_asks_back_with_what_it_frees(carrel, box, monkeypatch):
    carrel.more["asks"] = True
    box.handlers.answers["model.remove"] = REMOVAL
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    done = carrel("model", "remove", "tiny")
    assert done.code == 130
    assert "deletes 2 files and frees 3.0 MiB" in done.err
    assert box.handlers.calls == [("model.remove", {"model": "tiny", "dry_run": True})]


def test_a_rehearsal_asks_nothing(carrel, box):
    carrel.more["asks"] = True
    box.handlers.answers["model.remove"] = REMOVAL
    done = carrel("model", "remove", "tiny", "--dry-run")
    assert done.code == 0
    assert "t.json stays on the disk for other." in done.out


def test_the_list_and_the_status_show_what_comes(capsys):
    failed = with_state("failed", reason="Other bytes.", error="integrity_failed", bytes_per_s=None)
    present(DownloadList(downloads=(RUNNING, failed)))
    shown = capsys.readouterr().out
    for said in ("43 %", "10.0 MiB/s", "0 min 57 s", "hub lab/tiny", "dl-1", "Other bytes."):
        assert said in shown
    present(status(downloads=(RUNNING,)))
    assert "10.0 MiB/s" in capsys.readouterr().out
    present(DownloadList(downloads=()))
    assert "carrel model pull" in capsys.readouterr().out
