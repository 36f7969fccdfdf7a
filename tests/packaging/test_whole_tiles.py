"""The engine's build keeps every byte of a tile configuration, which some versions of GCC leave out."""

import re
import shutil
import subprocess

import pytest

from tests.packaging.machines import INSTALL
from tests.required import not_run

SOURCE = """
#include <immintrin.h>
#include <stdint.h>
struct tiles { uint8_t palette, start; uint8_t rest[14]; uint16_t columns[16]; uint8_t rows[16]; };
void set(void) {
  struct tiles one = {0};
  one.palette = 1;
  one.rows[9] = 77;
  _tile_loadconfig(&one);
}
"""


@pytest.fixture
def header(tmp_path):
    found = re.search(r"<<'HEADER'\n(.*?)\nHEADER\n", INSTALL.read_text(), re.DOTALL)
    assert found is not None
    path = tmp_path / "amx_tiles.h"
    path.write_text(found[1] + "\n")
    return path


def assembly(tmp_path, *options):
    if shutil.which("gcc") is None:
        not_run("gcc is not installed")
    source = tmp_path / "tiles.c"
    source.write_text(SOURCE)
    words = ("gcc", "-O2", "-march=sapphirerapids", *options, "-S", "-o", "-", str(source))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "sapphirerapids" in done.stderr or "immintrin.h" in done.stderr:
        not_run("this gcc makes no code for a processor with AMX")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_written_behind_the_first_bytes_is_kept(tmp_path, header):
    made = assembly(tmp_path, "-include", str(header))
    assert "ldtilecfg" in made
    assert "$77" in made


def test_processors_without_tiles_see_nothing_of_it(tmp_path, header):
    plain = tmp_path / "plain.c"
    plain.write_text("int one(void) { return 1; }\n")
    words = ("gcc", "-O2", "-Wall", "-Werror", "-include", str(header), "-S", "-o", "-", str(plain))
    if shutil.which("gcc") is None:
        not_run("gcc is not installed")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "tile" not in done.stdout
