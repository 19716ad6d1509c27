"""Every screen and drawer at three sizes, in both languages and four themes, kept as text under `__looks__`.

`RENEW_LOOKS=1 pytest tests/console/test_looks.py -m slow` writes them anew; read the difference before it is kept. The
scenes are those of the other modules of pictures, and a few more here: one console a scene and language goes through
all sizes and themes.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agent_console.app import ConsoleApp
from tests.console import (
    test_board,
    test_guide_pictures,
    test_link_pictures,
    test_protocol_pictures,
    test_reminder_pictures,
    test_review_pictures,
    test_snapshots,
    test_snapshots_work,
    test_template_pictures,
    test_transfer_pictures,
)
from tests.console.looks import LANGUAGES, SIZES, look_at

FOLDER = Path(__file__).parent / "__looks__"
RENEW = os.environ.get("RENEW_LOOKS") == "1"

#: builds the console of a scene: `(language, monkeypatch, what takes the picture)`
Ask = Callable[[str, pytest.MonkeyPatch, Any], None]


@dataclass
class Asked:
    """Takes the place of `snap_compare`: keeps what it was to take a picture of."""

    app: ConsoleApp | None = None
    press: tuple[str, ...] = ()
    run_before: Callable[[Pilot[None]], Awaitable[None]] | None = None
    told: dict[str, Any] = field(default_factory=dict)

    def __call__(self, app: ConsoleApp, *, press: Any = (), run_before: Any = None, **told: Any) -> bool:
        self.app, self.press, self.run_before, self.told = app, tuple(press), run_before, told
        return True


def _of(module: Any, name: str) -> Ask:
    return lambda lang, patch, snap: module.test_screen(name, SIZES[0], lang, snap)


def _patched(module: Any, name: str) -> Ask:
    return lambda lang, patch, snap: module.test_screen(name, SIZES[0], lang, snap, patch)


def _board(name: str) -> Ask:
    return lambda lang, patch, snap: test_board.test_picture(name, SIZES[0], lang, snap)


def _guide(name: str) -> Ask:
    return lambda lang, patch, snap: test_guide_pictures.test_picture(name, lang, snap, patch)


def _pressed(*keys: str) -> Ask:
    return lambda lang, patch, snap: snap(test_snapshots.app(lang), press=keys)


SCENES: dict[str, Ask] = {
    "empty": lambda lang, patch, snap: test_snapshots.test_empty(SIZES[0], lang, snap),
    "sign-in": lambda lang, patch, snap: test_snapshots.test_sign_in(SIZES[0], lang, snap),
    "jump": _pressed("enter", "ctrl+g"),
    "command-line": _pressed(":", "c"),
}
for _kind, _module, _ask in (
    ("inbox", test_snapshots, _of),
    ("work", test_snapshots_work, _patched),
    ("templates", test_template_pictures, _patched),
    ("links", test_link_pictures, _patched),
    ("transfers", test_transfer_pictures, _of),
    ("protocol", test_protocol_pictures, _of),
    ("reminders", test_reminder_pictures, _of),
    ("reviews", test_review_pictures, _of),
):
    SCENES |= {f"{_kind}-{name}": _ask(_module, name) for name in _module.SCENES}
SCENES |= {f"board-{name}": _board(name) for name in ("board", "alerts")}
SCENES |= {f"guide-{name}": _guide(name) for name in test_guide_pictures.SCENES}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
async def test_look(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, faults = "", []
    for lang in LANGUAGES:
        asked = Asked()
        SCENES[name](lang, monkeypatch, asked)
        assert asked.app is not None
        async with asked.app.run_test(size=SIZES[0]) as pilot:
            await pilot.pause()
            await pilot.press(*asked.press)
            if asked.run_before is not None:
                await asked.run_before(pilot)
            for line in asked.app.screen.query(Input):
                line.cursor_blink = False
            text, wrong = await look_at(pilot)
            assert asked.app.faults == []
        kept += f"##### {lang}\n{text}"
        faults += [f"{lang} {each}" for each in wrong]
    assert not faults, "\n".join(faults[:20])
    path = FOLDER / f"{name}.txt"
    if RENEW:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(kept, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    changed = "\n".join(difflib.unified_diff(before.splitlines(), kept.splitlines(), "kept", "now", lineterm="", n=2))
    assert not changed, f"{name} looks different (RENEW_LOOKS=1 keeps it so):\n{changed[:8_000]}"


def test_nothing_is_kept_that_no_scene_shows() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(SCENES)
