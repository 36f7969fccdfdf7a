"""The two color themes and their tones. A tone is what a color means; the word beside it says the same.

Each tone has a contrast of at least 4.5:1 on every background that text lies on (WCAG 2.2, 1.4.3); a test
computes it.
"""

from dataclasses import dataclass
from typing import Final

from textual.theme import Theme

DARK: Final = "carrel-dark"
LIGHT: Final = "carrel-light"


@dataclass(frozen=True, slots=True)
class Tones:
    """Foreground colors, by meaning, and the backgrounds that they lie on."""

    text: str
    quiet: str
    strong: str
    ok: str
    warn: str
    bad: str
    background: str
    surface: str
    chosen: str
    """Background of the row under the cursor."""

    def color(self, tone: str) -> str:
        """Of a tone's name; the color of plain text for one that is not known."""
        return {
            "quiet": self.quiet,
            "strong": self.strong,
            "ok": self.ok,
            "warn": self.warn,
            "bad": self.bad,
        }.get(tone, self.text)


TONES: Final = {
    DARK: Tones(
        text="#e4e6eb",
        quiet="#a3abba",
        strong="#8fc7ff",
        ok="#7ddc8c",
        warn="#ffcf5c",
        bad="#ff9d94",
        background="#12151b",
        surface="#1b2029",
        chosen="#26405e",
    ),
    LIGHT: Tones(
        text="#15181d",
        quiet="#4a5260",
        strong="#0b4a8f",
        ok="#0f5a22",
        warn="#664300",
        bad="#9b1208",
        background="#fbfbf8",
        surface="#f0f0ea",
        chosen="#cfe1f5",
    ),
}


def tones_of(theme: str) -> Tones:
    """Those of a theme; the dark ones for a theme that is not ours."""
    return TONES.get(theme, TONES[DARK])


def themes() -> tuple[Theme, ...]:
    """Both, for Textual."""
    return tuple(_theme(name, tones, dark=name == DARK) for name, tones in TONES.items())


def _theme(name: str, tones: Tones, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=tones.strong,
        secondary=tones.quiet,
        accent=tones.strong,
        foreground=tones.text,
        background=tones.background,
        surface=tones.surface,
        panel=tones.surface,
        success=tones.ok,
        warning=tones.warn,
        error=tones.bad,
        dark=dark,
        variables={
            "text-success": tones.ok,
            "text-warning": tones.warn,
            "text-error": tones.bad,
            "text-primary": tones.strong,
            "text-muted": tones.quiet,
            "border": tones.quiet,
            "block-cursor-background": tones.chosen,
            "block-cursor-foreground": tones.text,
            "block-cursor-text-style": "none",
            "input-selection-background": tones.chosen,
            "chosen": tones.chosen,
        },
    )
