"""Every screen and dialog at both sizes looks as it did when somebody looked at it.

After a wanted change: `pytest tests/tui/test_snapshots.py --snapshot-update`, then `scripts/tui_pictures.py`,
and look at the pictures.
"""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.jumping import JumpingLoop
from tests.tui.scenes.acting import fill_home
from tests.tui.scenes.lab import Scene, app_of, go_to, scenes
from tui.app import CarrelApp

SIZES = [(80, 24), (120, 36)]
PICTURES = Path(__file__).parents[2] / "appliance" / "handbook" / "pictures"
SCENES = scenes()
SCREENS = [one for one in SCENES if "-" not in one.name]
DIALOGS = [one for one in SCENES if "-" in one.name]


class Pictured(CarrelApp):
    """Whoever compares it with its picture runs it outside of any loop."""

    def run(self, **more):
        loop = JumpingLoop()
        try:
            return super().run(**more, loop=loop)
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()


def looks_the_same(scene: Scene, size: tuple[int, int], snap_compare) -> bool:
    app = app_of(scene, Pictured)

    async def look(pilot: Pilot[None]) -> None:
        await go_to(scene, app, pilot)

    return snap_compare(app, run_before=look, terminal_size=size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCREENS, ids=lambda scene: scene.name)
def test_a_screen_looks_as_it_did(scene: Scene, size: tuple[int, int], snap_compare):
    assert looks_the_same(scene, size, snap_compare)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", DIALOGS, ids=lambda scene: scene.name)
def test_a_dialog_looks_as_it_did(scene: Scene, size: tuple[int, int], snap_compare, tmp_path, monkeypatch):
    fill_home(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert looks_the_same(scene, size, snap_compare)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_handbook_has_a_picture_of_it(scene: Scene, size: tuple[int, int]):
    name = f"tui-{scene.name}-{size[0]}x{size[1]}.png"
    assert (PICTURES / name).is_file()
    assert any(
        f"pictures/{name}" in page.read_text(encoding="utf-8") for page in PICTURES.parent.glob("*.md")
    )
