"""GPUS: whose memory it is, faults as words, strangers with their owner, and ten minutes as plots."""

import msgspec
import pytest

from appliance.domain.results import GpuHistories, GpuProcessStatus, ModelDetail, ReplicaStatus
from appliance.errors import NotAllowed
from tests.tui.hostile import HOSTILE
from tests.tui.noting import app_with
from tests.tui.scenes.gpus import HISTORIES
from tests.tui.scenes.jobs import FILES
from tests.tui.scenes.now import GIB, GPUS, PULSE, gpu
from tui.gpus import memory, table
from tui.gpus.history import measures, title_of
from tui.parts.plots import Plot

pytestmark = pytest.mark.slow

SIZES = [(120, 36), (80, 24), (60, 15), (40, 10)]
replace = msgspec.structs.replace


def replica(pid: int, held: int, gpus: tuple[int, ...] = ()) -> ReplicaStatus:
    return ReplicaStatus(
        pid=pid,
        state="ready",
        gpus=gpus,
        threads=16,
        memory_bytes=held,
        restarts=0,
        running=0,
        kv_tokens=0,
        free_kv_tokens=0,
        free_sequences=0,
        confinement=(),
    )


def detail(id: str, *replicas: ReplicaStatus) -> ModelDetail:
    return replace(FILES, id=id, replicas=replicas)


def said(lines) -> str:
    return "\n".join("".join(one if isinstance(one, str) else one.text for one in line) for line in lines)


async def opened(app, pilot):
    await pilot.press("4")
    await pilot.pause(0.3)
    return app.present


# ---- pure ----


def test_memory_is_the_models_others_the_drivers_and_free():
    held = memory.of_gpu(GPUS.gpus[2])
    assert (held.ours, held.others) == (12 * GIB, int(31.4 * GIB))
    assert held.hidden == pytest.approx(0.9 * GIB, abs=2)
    assert held.ours + held.others + held.hidden + held.free == 80 * GIB


def test_a_driver_that_counts_more_than_there_is_makes_nothing_negative():
    odd = gpu(0, 0.0, processes=(GpuProcessStatus(1, "x", 200 * GIB, ours=False),))
    assert memory.of_gpu(odd).free == 0
    assert len(memory.bar_text(memory.of_gpu(odd), 14, ascii_only=True)) == 14


def test_the_map_has_a_legend_of_what_is_there():
    text = said(memory.map_of(memory.of_gpu(GPUS.gpus[2]), 40, ascii_only=True))
    assert text.split("\n")[0] == "######" + "x" * 16 + "=" + "." * 17
    assert "# models' 12 GiB" in text
    assert "x others' 31 GiB" in text
    assert ". free 36 GiB" in text
    assert "others" not in said(memory.map_of(memory.of_gpu(GPUS.gpus[0]), 40, ascii_only=True))


def test_a_process_of_somebody_else_is_named_with_its_owner_before_the_models():
    text = said(memory.holders(GPUS.gpus[2], [])).split("\n")
    assert text[0] == "python train.py of a.khan holds 31.4 GiB, not the box's (pid 91822)"
    assert text[1] == "qwen2.5-14b@q5 holds 12.0 GiB"


def test_a_process_of_the_box_is_called_by_the_model_that_it_computes():
    two = gpu(
        0,
        20.0,
        models=("a", "b"),
        processes=(GpuProcessStatus(1, "carrel", GIB, ours=True), GpuProcessStatus(2, "", GIB, ours=True)),
    )
    text = said(memory.holders(two, [detail("b", replica(1, GIB, (0,)))]))
    assert text == "b holds 1.0 GiB\na, b holds 1.0 GiB"


def test_more_processes_than_room_are_counted():
    crowd = gpu(
        0, 9.0, processes=tuple(GpuProcessStatus(n, "python", GIB, ours=False, user="u") for n in range(9))
    )
    told = memory.holders(crowd, [], 3)
    assert len(told) == 3
    assert said(told[-1:]) == "and 7 more hold 7.0 GiB"
    assert len(memory.holders(crowd, [], 9)) == 9


def test_what_the_system_hides_is_said_to_be_hidden():
    one = gpu(0, 1.0, processes=(GpuProcessStatus(7, "", GIB, ours=False),))
    assert said(memory.holders(one, [])).startswith("a process that the system hides holds 1.0 GiB")


def test_memory_of_the_machine_counts_models_on_the_processor_alone():
    held = memory.of_machine(GPUS, [detail("a", replica(1, 8 * GIB)), detail("b", replica(2, 9 * GIB, (0,)))])
    assert (held.ours, held.others, held.free) == (8 * GIB, 37 * GIB, 211 * GIB)


def test_faults_errors_and_heat_are_sentences():
    assert [one.text for one in table.troubles(GPUS.gpus[3])] == [
        "Xid 79: it has fallen off the bus. Restart the machine; if it comes back, replace it.",
        "4 errors of its memory could not be corrected (ECC).",
    ]
    assert "hot (91 C)" in table.troubles(gpu(0, 0.0, temperature_c=91))[0].text
    assert "left to others" in table.troubles(GPUS.gpus[5])[0].text
    assert "`gpus`" in table.troubles(gpu(0, 0.0, state="not_allowed"))[0].text
    assert "carrel doctor" in table.troubles(gpu(0, 0.0, state="no_engine"))[0].text
    assert table.troubles(GPUS.gpus[0]) == []


def test_history_has_four_measures_of_a_gpu_and_two_of_the_machine():
    assert [one.title for one in measures(HISTORIES, 0, 80 * GIB)] == [
        "Memory",
        "Busy",
        "Temp",
        "Power",
    ]
    machine = measures(HISTORIES, None, 256 * GIB)
    assert [(one.title, one.top) for one in machine] == [("Memory", 256.0), ("Processor", 100)]
    assert measures(HISTORIES, 99, GIB) == []


def test_titles_have_the_newest_value_and_the_greatest():
    assert title_of(measures(HISTORIES, 1, GIB)[1]).startswith("Busy ")
    assert title_of(measures(HISTORIES, 3, GIB)[1]) == "Busy: the driver does not tell"


# ---- on the screen ----


@pytest.mark.parametrize("size", SIZES)
async def test_gpus_the_machine_and_the_map_are_there_at_every_size(size):
    app = app_with()
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot)
        assert app.column("gpus", 0) == ["0", "1", "2", "3", "4", "5", "6", "7", "cpu"]
        assert app.table("gpus").size.height >= 3
        assert "olmo-2-7b@q4 holds 9.6 GiB" in app.said("map")


async def test_the_map_is_of_the_gpu_that_is_chosen():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("down", "down")
        await pilot.pause(0.3)
        assert "GPU 2: NVIDIA H100" in str(screen.query_one("#map-title").render())
        assert "of a.khan holds 31.4 GiB" in app.said("map")
        await pilot.press("down")
        await pilot.pause(0.3)
        assert "Xid 79" in app.said("map")
        await pilot.press("end")
        await pilot.pause(0.3)
        assert "64 cores" in app.said("map")


async def test_only_a_released_gpu_is_taken_and_only_another_released():
    app = app_with()
    names = {"x": "gpu.release", "s": "gpu.take"}
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        for place, keys in {0: {"x": "release"}, 3: {"x": "release"}, 5: {"s": "take"}, 8: {}}.items():
            app.deeds.clear()
            await pilot.press("home", *["down"] * place)
            await pilot.pause(0.3)
            assert dict(screen.shown_keys) == {"enter": "10 minutes", **keys}
            await pilot.press("x", "s")
            await pilot.pause(0.3)
            assert [(one.action, one.arguments) for one in app.deeds] == [
                (names[key], {"gpu": place}) for key in keys
            ]


async def test_a_box_without_gpus_shows_processor_and_memory_the_same_way():
    bare = replace(GPUS, gpus=())
    here = detail("olmo-2-7b@q4", replica(1, 6 * GIB))
    app = app_with(
        ("gpu.list", {}, bare),
        ("model.show", {"model": "olmo-2-7b@q4"}, here),
        ("gpu.history", {}, HISTORIES),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await pilot.pause(0.4)
        assert app.column("gpus", 0) == ["cpu"]
        assert "olmo-2-7b@q4 holds 6.0 GiB on 16 threads" in app.said("map")
        assert screen.chosen() == {}
        await pilot.press("enter")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "loading"])
        await pilot.pause(0.3)
        assert [one.id for one in app.screen.query(Plot)] == ["plot0", "plot1"]


@pytest.mark.parametrize("size", SIZES)
async def test_enter_shows_ten_minutes_at_every_size(size):
    app = app_with()
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot)
        await pilot.press("enter")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "loading"])
        await pilot.pause(0.3)
        assert app.box.runs[-1] == ("gpu.history", {"minutes": 10})
        assert "Busy" in str(app.screen.query_one("#plot1", Plot).render())
        await pilot.press("escape")
        assert app.screen is app.present


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (NotAllowed("This is for administrators."), "This is for administrators."),
        (replace(HISTORIES, gpus=()), "Nothing is told of it."),
    ],
)
async def test_why_there_is_no_plot_is_said(answer: GpuHistories | NotAllowed, text: str):
    app = app_with(("gpu.history", {}, answer))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("enter")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "loading"])
        await pilot.pause(0.3)
        assert app.screen.query_one("#said").plain == text


async def test_hostile_words_are_shown_as_text():
    odd = tuple(
        replace(
            gpu(
                n,
                2.0,
                models=(text,),
                faults=(text,),
                processes=(GpuProcessStatus(n, text, GIB, ours=False, user=text),),
            ),
            name=text,
            driver=text,
        )
        for n, text in enumerate(HOSTILE)
    )
    app = app_with(("gpu.list", {}, replace(GPUS, gpus=odd)))
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot)
        for _ in HOSTILE:
            await pilot.press("down")
            await pilot.pause(0.3)
        assert app.is_running
        assert "\x1b" not in app.export_screenshot()


async def test_it_is_drawn_in_ascii_where_the_terminal_has_no_more():
    app = app_with(ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert app.said("map").isascii()
        assert "".join(app.column("gpus", 1)).isascii()


def test_the_processor_is_as_busy_as_the_box_says():
    machine = table.machine_of(GPUS, PULSE, [])
    assert machine.processor_percent == PULSE.processor_percent[-1]
    assert table.machine_of(GPUS, None, []).processor_percent is None
