"""What each step of the story took, beside what it may take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Step:
    """``budget_s`` None: nothing is promised about it. ``says`` is what was seen."""

    name: str
    budget_s: float | None
    took_s: float = 0.0
    says: str = ""

    @property
    def kept(self) -> bool:
        return self.budget_s is None or self.took_s <= self.budget_s


@dataclass
class Story:
    """Steps in their order, and facts that must hold. A step may take ``patience`` times what is promised."""

    steps: list[Step] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    patience: float = 1.0
    began_s: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str, budget_s: float | None = None) -> Iterator[Step]:
        one = Step(name, budget_s and budget_s * self.patience)
        print(f"… {name}", flush=True)
        began_s = time.monotonic()
        yield one
        # A step may have measured itself better than its surroundings do.
        one.took_s = one.took_s or time.monotonic() - began_s
        self.steps.append(one)
        print(f"  {one.took_s:6.1f} s  {one.says}", flush=True)

    def holds(self, fact: str, true: bool) -> None:
        if not true:
            self.broken.append(fact)
            print(f"  BROKEN: {fact}", flush=True)

    def table(self) -> str:
        lines = ["   took    may take  step"]
        for one in self.steps:
            may = "       –" if one.budget_s is None else f"{one.budget_s:6.0f} s"
            mark = " " if one.kept else "!"
            lines.append(f"{one.took_s:6.1f} s {may} {mark} {one.name}{': ' + one.says if one.says else ''}")
        lines.append(f"{time.monotonic() - self.began_s:6.1f} s in all")
        lines += [f"BROKEN: {one}" for one in self.broken]
        return "\n".join(lines)

    @property
    def well(self) -> bool:
        return not self.broken and all(one.kept for one in self.steps)
