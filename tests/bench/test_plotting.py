from pathlib import Path

import msgspec
import pytest

from appliance.bench.measures import Answered, Load, summed
from appliance.bench.plotting import check_plotting, draw
from appliance.domain.results import BenchReport
from appliance.errors import BadRequest, CarrelError

GOOD = Answered(ttft_ms=20, e2el_ms=90, itl_ms=(10, 20), prompt_tokens=3, output_tokens=8)


def report(*loads: Load, answers=(GOOD,)) -> BenchReport:
    runs = tuple(summed(load, answers, 1.0, None) for load in loads)
    return BenchReport(
        url="http://box/v1", model="$m_1", workload="chat", max_tokens=8, seed=0, goodput_limits="", runs=runs
    )


@pytest.mark.parametrize("loads", [(Load(1), Load(8)), (Load(rate_per_s=0.5),)])
def test_a_report_becomes_a_png(tmp_path: Path, loads):
    path = tmp_path / "plot.png"
    check_plotting(path)
    draw(report(*loads), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_levels_where_nothing_was_answered_are_left_out(tmp_path: Path):
    failed = report(Load(1), answers=(Answered(error="no"),))
    draw(msgspec.structs.replace(failed, runs=(*failed.runs, *report(Load(2)).runs)), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 1000


@pytest.mark.parametrize("name", ["plot.pdf", "plot", "no/such/plot.png"])
def test_a_place_that_cannot_be_is_refused_before_anything_is_measured(tmp_path: Path, name):
    with pytest.raises(BadRequest, match="png"):
        check_plotting(tmp_path / name)


def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path):
    (tmp_path / "plot.png").mkdir()
    with pytest.raises(CarrelError, match="could not be written"):
        draw(report(Load(1)), tmp_path / "plot.png")
