"""Two real boxes: one that hosts the demo model, and one that knows it as a model hosted elsewhere."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests.system.box import RealBox
from tests.system.programs import carry_out

RECIPES = Path(__file__).parents[2] / "recipes"
TOKENIZER = RECIPES / "handbook-tiny" / "tokenizer.json"
TEMPLATE = (RECIPES / "handbook-tiny" / "chat_template.jinja").read_text()
FEATURES = ("chat", "completions", "tools", "schemas", "logprobs", "seed", "sampling")
PRICE = {"prompt_micro": 2_000_000, "completion_micro": 5_000_000}


def recipe(
    name: str,
    address: str,
    *,
    model: str = "handbook-tiny",
    key: str = "lab",
    features: tuple[str, ...] = FEATURES,
    counted: bool = False,
    more: str = "",
) -> str:
    """The TOML of one. ``counted``: with the demo model's own tokenizer."""
    listed = ", ".join(f'"{one}"' for one in features)
    lines = [
        f'id = "{name}"',
        "revision = 3",
        'title = "The demo model of another box"',
        'summary = "For tests."',
        'license = "Apache-2.0"',
        'tier = "open"',
        "context_tokens = 512",
        "max_sequences = 4",
        f"chat_template = '''{TEMPLATE}'''" if counted else "",
        "[defaults]",
        "temperature = 0.0",
        "max_tokens = 96",
        "[upstream]",
        'name = "other-box"',
        f'address = "{address}"',
        f'model = "{model}"',
        f'key = "{key}"' if key else "",
        "plain_http = true",
        f"features = [{listed}]",
        more,
        "[upstream.price]",
        *[f"{field} = {value}" for field, value in PRICE.items()],
    ]
    if counted:
        content = TOKENIZER.read_bytes()
        lines += [
            "[[upstream.tokenizer]]",
            'name = "tokenizer.json"',
            f"size_bytes = {len(content)}",
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
        ]
    return "\n".join(lines) + "\n"


def add(box: RealBox, name: str, toml: str, *, tokenizer: bool = False) -> None:
    """Write a recipe into a box that does not run yet."""
    folder = box.home / "box" / "upstreams"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(toml)
    if tokenizer:
        files = box.home / "box" / "models" / name
        files.mkdir(parents=True, exist_ok=True)
        (files / "tokenizer.json").write_bytes(TOKENIZER.read_bytes())


def store_key(box: RealBox, name: str, secret: str) -> None:
    """As an operator does: through a pipe."""
    carry_out(("upstream", "key", name, "--json"), box.environment, given=secret).check_returncode()


@dataclass
class TwoBoxes:
    """``near`` is the students', ``far`` the other; ``key`` opens the near one, ``far_key`` the far one."""

    near: RealBox
    far: RealBox
    key: str
    far_key: str

    def logs(self) -> str:
        """All that the near box wrote down."""
        folder = self.near.home / "box" / "log"
        return (
            "".join(one.read_text() for one in folder.glob("*"))
            + (self.near.home / "gateway.out").read_text()
        )


def start_two(home: Path) -> TwoBoxes:
    """Both, with `far` counted exactly and `far-guessed` estimated, both running."""
    far_home, near_home = home / "far", home / "near"
    far_home.mkdir()
    near_home.mkdir()
    far = RealBox(far_home).start()
    far_key = far.new_key("near box")
    near = RealBox(near_home, extra={"CARREL_UPSTREAMS": "true", "CARREL_RUN_DEMO": "false"})
    add(near, "far", recipe("far", far.url, counted=True), tokenizer=True)
    add(near, "far-guessed", recipe("far-guessed", far.url))
    store_key(near, "lab", far_key)
    near.start()
    for name in ("far", "far-guessed"):
        shown = near.carrel("model", "run", name)
        assert shown["state"] == "ready", shown
    return TwoBoxes(near, far, near.new_key("student"), far_key)
