"""`carrel doctor`: what each check makes of what it finds, and the whole of it on this machine."""

import os
import stat

import msgspec
import pytest

from appliance import errors
from appliance.cli.checks import engines, gateway, machine, storage, walls
from appliance.cli.local.doctor import doctor
from appliance.domain.hardware import Gpu
from appliance.engines.installed import InstalledEngine
from tests.admin.fake_box import status

GIB = 2**30


def state(check) -> str:
    assert check.reason
    assert bool(check.fix) == (check.state != "ok")
    return check.state


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (machine.system("Linux", "x86_64"), "ok"),
        (machine.system("Linux", "riscv64"), "warn"),
        (machine.system("Darwin", "arm64"), "fail"),
        (machine.python((3, 11, 7)), "ok"),
        (machine.python((3, 14, 0)), "fail"),
        (machine.python((3, 10, 9)), "fail"),
        (machine.sqlite((3, 51, 3)), "ok"),
        (machine.sqlite((3, 51, 2)), "warn"),
        (machine.memory(8 * GIB), "ok"),
        (machine.memory(GIB), "warn"),
        (machine.memory(GIB // 4), "fail"),
        (machine.load(1.0, 4), "ok"),
        (machine.load(4.1, 4), "warn"),
        (machine.core_dumps(0), "ok"),
        (machine.core_dumps(-1), "warn"),
        (machine.open_files(256), "warn"),
        (machine.open_files(1024), "ok"),
        (machine.open_files(-1), "ok"),
        (machine.clock(2e9, 1.9e9), "ok"),
        (machine.clock(1e9, 1.9e9), "fail"),
        (storage.encryption(True), "ok"),
        (storage.encryption(False), "warn"),
        (storage.encryption(None), "warn"),
        (gateway.port(7411, taken=False, running=False), "ok"),
        (gateway.port(7411, taken=False, running=True), "ok"),
        (gateway.port(7411, taken=True, running=False), "fail"),
        (gateway.in_the_clear("classes"), "ok"),
        (gateway.in_the_clear("all"), "warn"),
        (gateway.gateway(status()), "ok"),
        (gateway.gateway(status(state="degraded")), "warn"),
        (gateway.gateway(errors.GatewayNotRunning("down")), "warn"),
        (gateway.gateway(errors.NotAllowed("no")), "fail"),
    ],
)
def test_a_check_decides_from_what_was_found(check, verdict):
    assert state(check) == verdict


@pytest.mark.parametrize(
    ("free", "inodes", "verdict"),
    [
        (20 * GIB, 10**6, "ok"),
        (20 * GIB, 0, "ok"),
        (20 * GIB, 500, "warn"),
        (GIB, 10**6, "warn"),
        (0, 10**6, "fail"),
    ],
)
def test_room_is_counted_in_bytes_and_files(free, inodes, verdict):
    check = storage.room("disk", "/d", free, inodes, least_bytes=GIB // 4, good_bytes=2 * GIB)
    assert state(check) == verdict


@pytest.mark.parametrize(("mode", "verdict"), [(0o700, "ok"), (0o750, "fail"), (0o777, "fail")])
def test_a_folder_that_others_may_enter_fails(tmp_path, mode, verdict):
    tmp_path.chmod(mode)
    found = tmp_path.stat()
    assert state(storage.privacy("data", "d", found, found.st_uid, others=0o077)) == verdict


def test_a_folder_of_another_user_is_told(tmp_path):
    found = tmp_path.stat()
    assert state(storage.privacy("data", "d", found, found.st_uid + 1, others=0o077)) == "warn"


def test_a_folder_that_is_not_there_yet_is_fine():
    assert state(storage.privacy("data", "d", None, 1000, others=0o077)) == "ok"


@pytest.mark.parametrize(("uuid", "encrypted"), [("CRYPT-LUKS2-1", True), ("LVM-1", False)])
def test_a_disk_is_encrypted_if_a_device_below_it_is(tmp_path, uuid, encrypted):
    lower = tmp_path / "252:0" / "slaves" / "dm-0" / "dm"
    lower.mkdir(parents=True)
    (lower / "uuid").write_text(uuid + "\n")
    assert storage.is_encrypted(os.makedev(252, 0), tmp_path) is encrypted
    assert storage.is_encrypted(os.makedev(0, 9), tmp_path) is None


def installed(*, llama: bool = True, cuda: str = "", torch: str = "2.13.0", missing: tuple[str, ...] = ()):
    """All three engines, vLLM not there; ``cuda`` names those whose builds know GPUs."""
    return [
        InstalledEngine("llama_cpp", "0.3.36", "llama" in cuda, () if llama else ("llama_cpp",)),
        InstalledEngine("torch", torch, "torch" in cuda, missing if torch else ("torch",)),
        InstalledEngine("vllm", "", True, ("vllm",)),
    ]


@pytest.mark.parametrize(
    ("found", "gpus", "verdict", "words"),
    [
        (installed(), 0, "ok", "llama.cpp 0.3.36 for the processor; torch 2.13.0 for the processor; no vLLM"),
        (installed(torch=""), 0, "ok", "--with-torch"),
        (installed(llama=False), 0, "fail", "llama-cpp-python is missing"),
        (installed(missing=("bitsandbytes",)), 0, "warn", "bitsandbytes is missing"),
        (installed(cuda="llama torch"), 8, "ok", "torch 2.13.0 for CUDA"),
        (installed(cuda="llama"), 8, "warn", "GPUs are not used by torch"),
        (installed(), 1, "warn", "by llama.cpp and torch"),
        (installed(cuda="llama", torch=""), 1, "ok", "no torch"),
    ],
)
def test_engines_are_told_with_the_processors_they_were_built_for(found, gpus, verdict, words):
    check = engines.libraries(found, gpus=gpus)
    assert state(check) == verdict
    assert words in check.reason


def test_gpus_are_named_and_a_silent_driver_is_told():
    def silent():
        raise errors.NotReady("The GPU driver does not answer.")

    assert state(engines.graphics(lambda: ())) == "ok"
    assert "A100" in engines.graphics(lambda: (Gpu(0, "A100", 1, 1, "580"),)).reason
    assert state(engines.graphics(silent)) == "warn"


STANDING = (
    *("first-out-of-memory", "no-network", "no-core-dumps", "no-new-privileges", "dies-with-parent"),
    *("no-capabilities", "few-files"),
)


def without(*walls_down: str) -> tuple[str, ...]:
    return tuple(wall for wall in STANDING if wall not in walls_down)


@pytest.mark.parametrize(
    ("workers", "verdict", "word"),
    [
        ([], "ok", "no worker"),
        (errors.GatewayNotRunning("down"), "ok", "no worker"),
        ([STANDING], "ok", "few-files"),
        ([STANDING, (*STANDING, "other-user")], "ok", "few-files"),
        ([(*without("no-network"), "no-tcp")], "ok", "few-files"),
        ([without("no-network")], "warn", "network"),
        ([STANDING, (*without("no-network"), "networked")], "ok", "networked_workers"),
        ([(*without("no-network", "few-files"), "networked")], "warn", "networked_workers"),
        ([STANDING, without("few-files")], "warn", "read"),
        ([without("no-capabilities", "no-core-dumps")], "warn", "crash"),
        ([(*STANDING, "stays-root")], "warn", "root"),
    ],
)
def test_walls_are_those_that_stand_around_every_worker(workers, verdict, word):
    check = walls.walls(workers)
    assert state(check) == verdict
    assert word in check.reason


def test_a_variable_that_is_nearly_a_setting_is_told(carrel):
    carrel.environ["CARREL_PROT"] = "1"
    (check,) = [one for one in gateway.look(carrel.desk()) if one.id == "configuration"]
    assert state(check) == "warn"
    assert "CARREL_PROT" in check.reason


def test_a_broken_configuration_fails_and_the_other_checks_go_on(carrel):
    (carrel.home / "carrel.toml").write_text("port = 0\n")
    done = carrel("doctor", "--json")
    assert done.code == 1
    found = {one["id"]: one for one in done.document["checks"]}
    assert found["configuration"]["state"] == "fail"
    assert "from 1 to 65535" in found["configuration"]["reason"]
    assert done.document["ok"] is False
    assert len(found) > 10


def test_the_exit_code_says_whether_anything_failed(carrel):
    found = carrel("doctor", "--json")
    failed = [one for one in found.document["checks"] if one["state"] == "fail"]
    assert found.code == (1 if failed else 0)
    assert found.document["ok"] is not bool(failed)


def test_every_check_has_an_id_of_its_own(carrel, box):
    ids = [one.id for one in doctor(carrel.desk()).checks]
    assert len(ids) == len(set(ids))


def test_the_admin_socket_of_a_box_is_private(carrel, box):
    (check,) = [one for one in doctor(carrel.desk()).checks if one.id == "admin_socket"]
    assert state(check) == "ok"
    assert stat.S_IMODE(box.path.stat().st_mode) == 0o660


def test_a_model_whose_file_rotted_is_named_though_it_runs():
    sound = msgspec.structs.replace(status().models[0], id="tiny", state="ready", damaged=None)
    rotten = msgspec.structs.replace(sound, damaged="tiny.gguf is another file.")
    assert state(gateway.files(status(models=(sound,)))) == "ok"
    assert state(gateway.files(errors.GatewayNotRunning("down"))) == "ok"
    check = gateway.files(status(models=(sound, rotten)))
    assert state(check) == "fail"
    assert check.reason == "tiny: tiny.gguf is another file."
    assert check.fix == "carrel model pull tiny"
