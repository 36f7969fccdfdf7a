"""Draws a report as PNG with matplotlib, which only the extra ``bench`` installs."""

from importlib.util import find_spec
from pathlib import Path

from appliance.domain.results import BenchReport
from appliance.errors import BadRequest, CarrelError

_SIZE_INCHES = (9.0, 3.6)


def check_plotting(path: Path) -> None:
    """Raise before anything is measured: ``BadRequest`` for no PNG, ``CarrelError`` without matplotlib."""
    if path.suffix.lower() != ".png" or not path.parent.is_dir():
        raise BadRequest("The plot must be a file in a folder that exists and end in .png.", param="plot")
    if find_spec("matplotlib") is None:
        raise CarrelError("A PNG needs matplotlib: install `carrel[bench]`, or leave --plot out.")


def draw(report: BenchReport, path: Path) -> None:
    """Throughput on the left, TTFT and ITL on the right, over the levels. Raises ``CarrelError``."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    levels = [_level(run.concurrency, run.rate_per_s) for run in report.runs]
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    speed, waiting = figure.subplots(1, 2)
    speed.bar(levels, [run.output_tokens_per_s for run in report.runs])
    speed.set_ylabel("output tokens/s")
    for name, values in (
        ("TTFT p50", [run.ttft_ms.p50 if run.ttft_ms else None for run in report.runs]),
        ("TTFT p95", [run.ttft_ms.p95 if run.ttft_ms else None for run in report.runs]),
        ("ITL p50", [run.itl_ms.p50 if run.itl_ms else None for run in report.runs]),
    ):
        known = [(level, value) for level, value in zip(levels, values, strict=True) if value is not None]
        waiting.plot([level for level, _ in known], [value for _, value in known], marker="o", label=name)
    waiting.set_ylabel("ms")
    waiting.set_yscale("log")
    waiting.legend()
    for axes in (speed, waiting):
        axes.set_xlabel("streams" if report.runs[0].concurrency else "requests/s")
    # No markup: a model's name may hold dollar signs, which matplotlib takes for formulas.
    figure.suptitle(f"{report.model}, {report.workload}", parse_math=False)
    try:
        figure.savefig(path)
    except OSError as error:
        raise CarrelError(f"The plot could not be written: {error.strerror}.") from error


def _level(concurrency: int | None, rate_per_s: float | None) -> str:
    return str(concurrency) if concurrency is not None else f"{rate_per_s:g}"
