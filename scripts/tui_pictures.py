#!/usr/bin/env python3
"""Pictures of the terminal UI's screens and dialogs, for the handbook: PNG, from the SVG that Textual draws.

The box behind them is a made-up lab (tests/tui/scenes). Letters are DejaVu Sans Mono, from the system.
"""

import argparse
import asyncio
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.tui.scenes.acting import fill_home
from tests.tui.scenes.lab import Scene, app_of, go_to, scenes

HANDBOOK = Path(__file__).parents[1] / "appliance" / "handbook" / "pictures"
SIZES = ("80x24", "120x36")
COLORS = 96
WIDTH = 1000
"""Of a picture, in pixels."""
_FONT = "DejaVu Sans Mono"


async def svg_of(scene: Scene, size: tuple[int, int], theme: str) -> str:
    """What the terminal shows after the keys of the scene."""
    app = app_of(scene)
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await go_to(scene, app, pilot)
        return app.export_screenshot(title="carrel tui")


def plain(svg: str) -> str:
    """Without the letters that the SVG would fetch from elsewhere."""
    return re.sub(r"@font-face\s*\{[^}]*\}", "", svg).replace("Fira Code", _FONT)


def keep_as_png(pictures: Mapping[Path, str]) -> None:
    """Draw them all in one Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": WIDTH})
        for file, svg in pictures.items():
            page.set_content(f"<body style='margin:0'>{plain(svg)}</body>")
            drawn = Image.open(io.BytesIO(page.locator("svg").screenshot()))
            # A third of the bytes, and nothing to be seen of it.
            drawn.convert("RGB").quantize(COLORS).save(file, optimize=True)
            print(file)
        browser.close()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--screen", help="only scenes whose name begins so")
    parser.add_argument("--size", action="append", help="such as 80x24; both of the handbook's if left out")
    parser.add_argument("--theme", default="carrel-dark")
    parser.add_argument("--out", type=Path, default=HANDBOOK)
    return parser.parse_args()


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        fill_home(Path(home))
        os.environ["HOME"] = home  # the file picker begins there
        os.chdir(home)
        draw(options())


def draw(given: argparse.Namespace) -> None:
    given.out.mkdir(parents=True, exist_ok=True)
    wanted = [
        (scene, size)
        for scene in scenes()
        if scene.name.startswith(given.screen or "")
        for size in given.size or SIZES
    ]
    with ProcessPoolExecutor() as others:
        drawn = others.map(drawing, wanted, [given.theme] * len(wanted))
        files = [given.out / f"tui-{scene.name}-{size}.png" for scene, size in wanted]
        keep_as_png(dict(zip(files, drawn, strict=True)))


def drawing(wanted: tuple[Scene, str], theme: str) -> str:
    """One picture, in a process of its own."""
    scene, size = wanted
    columns, rows = (int(one) for one in size.split("x"))
    return asyncio.run(svg_of(scene, (columns, rows), theme))


if __name__ == "__main__":
    main()
