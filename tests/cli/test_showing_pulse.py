"""The pulse, the history of the hardware and the list of GPUs, as a person reads them."""

from typing import Any

import msgspec
import pytest

from appliance.client.presenting.showing import present
from appliance.domain.results import GpuHistories, GpuHistory, GpuList, ModelPulse, Pulse
from tests.admin.fake_box import sample

GIB = 2**30
PULSE = Pulse(
    at_ms=1_000,
    step_s=1,
    requests_per_s=(4.0, 2.5),
    tokens_per_s=(1_200.0, 410.2),
    waiting=(7, 4),
    running=(8, 9),
    processor_percent=(80.0, 42.4),
    memory_used_bytes=(3 * GIB, 2 * GIB),
    memory_total_bytes=8 * GIB,
    cores=16,
    disk_free_bytes=61 * GIB,
    disk_total_bytes=500 * GIB,
    disk_needed_bytes=75 * GIB,
    first_word_median_ms=600,
    first_word_p95_ms=1250,
    longest_wait_s=6,
    people_active=28,
    people_limited=2,
    models=(ModelPulse(model="olmo-2-7b", people=21, tokens_per_s=290.0, running=8, waiting=4),),
)
HISTORIES = GpuHistories(
    at_ms=1_000,
    step_s=5,
    gpus=(
        GpuHistory(
            index=0,
            memory_used_bytes=(GIB, 2 * GIB),
            utilization_percent=(97, 95),
            temperature_c=(71, None),
            power_w=(None, None),
        ),
    ),
    processor_percent=(10.0, 30.0),
    memory_used_bytes=(GIB, GIB),
    memory_total_bytes=8 * GIB,
)


@pytest.fixture
def shown(capsys):
    def show(result: msgspec.Struct) -> dict[str, str]:
        """Lines by their first word."""
        present(result)
        lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
        return {line.partition(" ")[0]: line.partition(" ")[2] for line in lines if line}

    return show


def changed(result: Any, **more: object) -> Any:
    return msgspec.structs.replace(result, **more)


def test_the_pulse_says_what_is_now_and_what_was_the_most(shown):
    lines = shown(PULSE)
    assert lines["NOW"] == "MOST IN 0 min 2 s"
    assert lines["requests/s"] == "2.50 4.00"
    assert lines["tokens/s"] == "410.2 1,200.0"
    assert lines["processor"] == "42 % of 16 cores 80 % of 16 cores"
    assert lines["first"] == "word 0.60 s (95 % within 1.25 s)"
    assert lines["people"] == "28 in 15 minutes, 2 met a limit"
    assert lines["disk"] == "61.0 GiB of 500.0 GiB free, downloads need 75.0 GiB"
    assert lines["olmo-2-7b"] == "21 290.0 8 4"


def test_a_quiet_box_says_so(shown):
    lines = shown(changed(PULSE, first_word_median_ms=None, first_word_p95_ms=None, models=()))
    assert lines["first"] == "word no answer in 5 minutes"
    assert "MODEL" not in lines


def test_a_disk_that_does_not_answer_is_said(shown):
    assert shown(changed(PULSE, disk_total_bytes=0))["disk"] == "does not answer"


@pytest.mark.parametrize("young", [changed(PULSE, running=()), changed(HISTORIES, processor_percent=())])
def test_a_box_that_has_just_started_says_so(shown, young):
    assert shown(young) == {"The": "box has just started; ask again in a few seconds."}


def test_a_history_has_a_line_a_gpu_and_one_for_the_machine(shown):
    lines = shown(HISTORIES)
    assert lines["0"] == "2.0 GiB 2.0 GiB 95 % 97 % 71 °C"
    assert lines["machine"] == "1.0 GiB 1.0 GiB 30 % 30 %"
    assert lines["In"].startswith("the last 0 min 10 s")


def test_the_list_of_gpus_says_whose_a_process_is_and_what_instruments_show(shown):
    whole = sample(GpuList)
    gpu = changed(whole.gpus[0], power_w=310.5, limit_w=350.0, utilization_percent=98, temperature_c=71)
    process = changed(gpu.processes[0], ours=False, name="train.py", user="kim", pid=77)
    line = shown(changed(whole, gpus=(changed(gpu, index=0, processes=(process,)),)))["0"]
    assert "98 % 71 °C 310 of 350 W" in line
    assert "train.py 77 of kim" in line


def test_what_a_driver_does_not_tell_is_left_out(shown):
    whole = sample(GpuList)
    silent = {"power_w": None, "limit_w": None, "utilization_percent": None, "temperature_c": None}
    line = shown(changed(whole, gpus=(changed(whole.gpus[0], index=0, **silent),)))["0"]
    assert "None" not in line
    assert "%" not in line
