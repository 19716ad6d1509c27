"""The console's own colours: a calm dark set, a light one, and one of high contrast.

Each is a set of theme variables; `app` makes themes of them and `Look.of` turns a theme's variables into styles.
Contrast on every surface (WCAG 2): body text at least 7:1, everything else that is read at least 4.5:1; in the
high-contrast set everything that is read has at least 7:1 (`tests/console/test_palette.py` holds it). Two sets have no
colours of their own: the terminal's sixteen, and none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Variables = Mapping[str, str]

DARK: Final[Variables] = {
    "page": "#11151a",
    "bar": "#1a2027",
    "drawer": "#1c232b",
    "notice": "#262f3a",
    "cursor": "#263341",
    "cursor-away": "#1d252e",
    "rule": "#2b343e",
    "ink": "#d3d9e0",
    "ink-strong": "#f3f6f9",
    "ink-muted": "#a7b2bd",
    "ink-faint": "#8f9ba7",
    "ink-accent": "#6cb8f5",
    "ink-warning": "#eab54d",
    "ink-breach": "#ff7a72",
    "ink-good": "#7cc48d",
    "ink-note": "#d9c27a",
    "channel-wa": "#6fc287",
    "channel-fb": "#7da6f0",
    "channel-ig": "#dd8abf",
    "channel-tg": "#68bfe0",
    "channel-sm": "#b3a2e6",
    "channel-em": "#cdb07e",
    "channel-wc": "#5fc4b6",
    "channel-wh": "#9aa5b1",
}

LIGHT: Final[Variables] = {
    "page": "#fbfbf9",
    "bar": "#eceef0",
    "drawer": "#f0f2f4",
    "notice": "#e0e6ec",
    "cursor": "#d9e7f5",
    "cursor-away": "#e8eef3",
    "rule": "#ccd3da",
    "ink": "#28313a",
    "ink-strong": "#0b1117",
    "ink-muted": "#47535f",
    "ink-faint": "#5c6871",
    "ink-accent": "#0b62b0",
    "ink-warning": "#8a5a00",
    "ink-breach": "#b3261e",
    "ink-good": "#23703a",
    "ink-note": "#7a5c00",
    "channel-wa": "#1b7037",
    "channel-fb": "#2456b8",
    "channel-ig": "#a0307a",
    "channel-tg": "#0f6b91",
    "channel-sm": "#5d47a8",
    "channel-em": "#775417",
    "channel-wc": "#0c6f63",
    "channel-wh": "#56616c",
}

CONTRAST: Final[Variables] = {
    "page": "#000000",
    "bar": "#1c1c1c",
    "drawer": "#141414",
    "notice": "#303030",
    "cursor": "#00305c",
    "cursor-away": "#2a2a2a",
    "rule": "#8a8a8a",
    "ink": "#ffffff",
    "ink-strong": "#ffffff",
    "ink-muted": "#e0e0e0",
    "ink-faint": "#c6c6c6",
    "ink-accent": "#7fd4ff",
    "ink-warning": "#ffd75f",
    "ink-breach": "#ffb0a8",
    "ink-good": "#8cf0a4",
    "ink-note": "#ffe88a",
    "channel-wa": "#8cf0a4",
    "channel-fb": "#b5ccff",
    "channel-ig": "#ffb3e0",
    "channel-tg": "#9be4ff",
    "channel-sm": "#d9ccff",
    "channel-em": "#f0d6a0",
    "channel-wc": "#8ff0e2",
    "channel-wh": "#d0d0d0",
}

_TERMINALS: Final = "ansi_default"

#: the terminal's own sixteen colours on its own background: right with whatever the person has set up there
ANSI: Final[Variables] = {
    **dict.fromkeys(DARK, _TERMINALS),
    "cursor": "ansi_blue",
    "cursor-away": "ansi_black",
    "rule": "ansi_bright_black",
    "ink-accent": "ansi_cyan",
    "ink-warning": "ansi_yellow",
    "ink-breach": "ansi_red",
    "ink-good": "ansi_green",
    "ink-note": "ansi_yellow",
    "channel-wa": "ansi_green",
    "channel-fb": "ansi_cyan",
    "channel-ig": "ansi_magenta",
    "channel-tg": "ansi_cyan",
    "channel-sm": "ansi_magenta",
    "channel-em": "ansi_yellow",
    "channel-wc": "ansi_cyan",
}

#: no colour at all: weight, underlining and reversed lines say what colours would
MONO: Final[Variables] = dict.fromkeys(DARK, _TERMINALS)

#: what a theme adds to its colours, for those that have few: attributes as Rich names them, by variable
ATTRIBUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "agent-console-ansi": {
        "ink-muted": "dim",
        "ink-faint": "dim",
        "cursor": "reverse",
        "cursor-away": "underline",
        "notice": "reverse",
    },
    "agent-console-mono": {
        "ink-muted": "dim",
        "ink-faint": "dim",
        "rule": "dim",
        "cursor": "reverse",
        "cursor-away": "underline",
        "notice": "reverse",
        "ink-accent": "bold",
        "ink-warning": "bold",
        "ink-breach": "bold underline",
        "ink-note": "italic",
    },
}

#: name of each theme and whether it is dark; the names that people choose by are those of `NAMES`
THEMES: Final[Mapping[str, tuple[Variables, bool]]] = {
    "agent-console": (DARK, True),
    "agent-console-light": (LIGHT, False),
    "agent-console-contrast": (CONTRAST, True),
    "agent-console-mono": (MONO, True),
    "agent-console-ansi": (ANSI, True),
}
#: themes that leave the terminal's own colours as they are
NATIVE: Final = frozenset(("agent-console-mono", "agent-console-ansi"))
DEFAULT: Final = "agent-console"
WITHOUT_COLOUR: Final = "agent-console-mono"
#: what people call them
NAMES: Final[Mapping[str, str]] = {
    "dark": DEFAULT,
    "light": "agent-console-light",
    "contrast": "agent-console-contrast",
    "none": WITHOUT_COLOUR,
    "ansi": "agent-console-ansi",
}


def named(name: str) -> str:
    """The theme that people call so (or that is called so); empty if there is none."""
    return NAMES.get(name, name if name in THEMES else "")


def name_of(theme: str) -> str:
    """What people call a theme."""
    return next((name for name, each in NAMES.items() if each == theme), theme)
