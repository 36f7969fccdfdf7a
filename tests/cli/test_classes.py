"""Classes in a terminal of 80 columns and 24 lines, and files that only their owner reads."""

from io import StringIO

import msgspec
import pytest
import segno
from rich.console import Console

from appliance.client.presenting.drawn import PRESENTERS
from appliance.client.presenting.join_screen import qr
from appliance.domain import results
from tests.admin.fake_box import sample

NOON_MS = 1_790_000_000_000


def shown(result, width=80):
    out = StringIO()
    Console(file=out, width=width, markup=False, highlight=False, emoji=False).print(
        PRESENTERS[type(result)](result)
    )
    return out.getvalue()


def seat(number, **changes):
    plain = {
        "number": number,
        "person": f"s{number}",
        "given": f"{number}",
        "name": f"Student {number}",
        "initials": "SN",
        "state": "ok",
        "how": "card",
        "taken_ms": 1,
        "running": 0,
        "waiting": 0,
        "waits_s": 0,
        "tokens": 12_345,
        "limit_tokens": 50_000,
        "requests": 3,
        "last_ms": 1,
        "trouble": "",
        "trouble_code": "",
        "trouble_ms": None,
        "trouble_request": "",
        "mend": "",
    }
    return results.SeatLine(**{**plain, **changes})


def board(*seats):
    return results.ClassSeats(
        id="monday",
        state="open",
        mode="open",
        message="",
        now_ms=NOON_MS,
        ends_ms=NOON_MS + 90 * 60_000,
        taken=len(seats),
        seats=seats,
        first_word_ms=900,
    )


def screen(**changes):
    plain = {
        "id": "monday",
        "title": "NLP 1",
        "state": "open",
        "mode": "open",
        "offline": False,
        "code": "K7QM-2F9X",
        "code_ends_ms": NOON_MS,
        "left": 7,
        "url": "http://10.20.0.5:7480",
        "join_url": "http://10.20.0.5:7480/join?code=K7QM2F9X",
        "base_url": "http://10.20.0.5:7480/v1",
        "name_url": "https://lab-01.local:7443",
        "fingerprint": "",
        "models": ("handbook-tiny",),
        "joined": 23,
        "seats": 30,
        "ends_ms": NOON_MS,
        "now_ms": NOON_MS,
        "first_word_ms": 1100,
    }
    return results.JoinScreen(**{**plain, **changes})


def test_thirty_seats_fit_a_screen_of_eighty_columns():
    lines = shown(board(*(seat(number) for number in range(1, 31)))).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 7
    assert lines[0] == "monday: open, open, 30 of 30 joined, 90 min left, first word 0.9 s"
    assert lines[1].lstrip().startswith("1 SN ok 12k")


def test_each_state_is_a_word_and_trouble_stands_below_with_what_helps():
    waiting = seat(1, state="waits", waits_s=8)
    broken = seat(
        2, state="error", trouble="A space stood behind the key.", trouble_code="bad", mend="reissue"
    )
    told = shown(board(waiting, broken, seat(3, state="free", initials="", tokens=0)), width=200)
    assert "wait 8s" in told
    assert "error" in told
    assert "free" in told
    assert "A space stood behind the key. (bad, )" in told
    assert "carrel class reissue NAME --seat s2" in told


def test_a_join_screen_fits_eighty_columns_and_twenty_four_lines():
    lines = shown(screen()).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    told = "\n".join(lines)
    for one in ("K7QM-2F9X", "http://10.20.0.5:7480", "23 of 30 joined", "answers in 1.1 s", "lab-01.local"):
        assert one in told
    assert "OFFLINE" not in told
    assert "OFFLINE" in shown(screen(offline=True))


def test_a_screen_without_a_code_says_how_to_get_one():
    assert "carrel class join-screen monday" in shown(screen(code="", code_ends_ms=None))


def test_the_code_in_the_terminal_is_the_one_of_the_address():
    url = screen().join_url
    rows = [row.plain for row in qr(url)]
    wanted = [list(row) for row in segno.make(url, error="l", micro=False).matrix_iter(border=4)]
    halves = {" ": (0, 0), "\u2584": (0, 1), "\u2580": (1, 0), "\u2588": (1, 1)}
    drawn = []
    for row in rows:
        drawn += [[halves[char][0] for char in row], [halves[char][1] for char in row]]
    assert [[bool(one) for one in row] for row in drawn[: len(wanted)]] == [
        [bool(one) for one in row] for row in wanted
    ]
    assert len(rows) == 19
    assert len(rows[0]) == 37


def test_a_preview_has_the_numbers_of_the_lines(carrel, box):
    line = sample(results.RosterSeat)
    answer = msgspec.structs.replace(
        sample(results.ClassRoster),
        whole=False,
        lines=(msgspec.structs.replace(line, line=33, outcome="problem", why="the name begins with `=`"),),
    )
    box.handlers.answers["class.roster"] = answer
    done = carrel("class", "roster", "monday", __file__, "--dry-run")
    assert done.code == 1
    assert "33" in done.out
    assert "the name begins with `=`" in done.out
    assert "this is what would happen" in done.out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_is_sent_as_text_whatever_excel_wrote(carrel, box, tmp_path, encoding):
    file = tmp_path / "class.csv"
    file.write_bytes("Name;Username\r\nJörg;jb\r\n".encode(encoding))
    assert carrel("class", "new", "monday", "--roster", str(file)).code == 0
    assert dict(box.handlers.calls)["class.new"]["roster"] == "Name;Username\r\nJörg;jb\r\n"


def test_cards_are_a_file_that_only_its_owner_reads_and_no_key_is_on_the_screen(carrel, box, tmp_path):
    card = msgspec.structs.replace(sample(results.SeatCard), key="crl_" + "A" * 33)
    sheet = msgspec.structs.replace(
        sample(results.ClassCards), cards=(card,), kept=("x",), expires_ms=NOON_MS, url="http://10.0.0.5:7480"
    )
    box.handlers.answers["class.cards"] = sheet
    file = tmp_path / "cards.html"
    done = carrel("class", "cards", "monday", "--output", str(file))
    assert (done.code, done.out) == (0, "")
    assert "1 cards" in done.err
    assert "1 seats have a key already" in done.err
    assert "crl_" not in done.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert "<html" in file.read_text(encoding="utf-8")
    assert "output_file" not in dict(box.handlers.calls)["class.cards"]


def test_a_file_that_is_there_is_left_alone_and_no_key_is_made(carrel, box, tmp_path):
    file = tmp_path / "cards.html"
    file.write_text("mine", encoding="utf-8")
    done = carrel("class", "cards", "monday", "--output", str(file))
    assert done.code == 1
    assert "is there already" in done.err
    gone = carrel("class", "cards", "monday", "--output", str(tmp_path / "no" / "cards.html"))
    assert gone.code == 2
    assert file.read_text(encoding="utf-8") == "mine"
    assert "class.cards" not in dict(box.handlers.calls)


def test_a_report_is_a_table_or_a_file_for_spreadsheets(carrel, box, tmp_path):
    box.handlers.answers["class.report"] = msgspec.structs.replace(
        sample(results.ClassReport), csv="\ufeffgiven,name\r\n'=1,x\r\n"
    )
    assert "REQUESTS" in carrel("class", "report", "monday").out
    file = tmp_path / "report.csv"
    done = carrel("class", "report", "monday", "--output", str(file), "--json")
    assert done.document["csv"].startswith("\ufeff")
    assert file.read_bytes() == "\ufeffgiven,name\r\n'=1,x\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_rehearsal_that_went_wrong_says_so_by_its_exit_code(carrel, box):
    went_wrong = msgspec.structs.replace(sample(results.Rehearsal), ready=False, problems=("No model runs.",))
    box.handlers.answers["class.rehearse"] = went_wrong
    done = carrel("class", "rehearse", "monday", "--seats", "30")
    assert done.code == 1
    assert "Not ready" in done.out
    assert "No model runs." in done.out
    assert dict(box.handlers.calls)["class.rehearse"]["seats"] == 30


def test_what_only_prints_writes_no_file(carrel):
    assert carrel("class", "show", "monday", "--output", "x").code == 2
