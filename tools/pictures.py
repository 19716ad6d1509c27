"""The guide's pictures: `python tools/pictures.py` writes docs/images from the pictures that the tests hold.

They are painted by the real console on made-up data, at a moment that stands still: a picture changes when the console
does and not before. `check` says which are out of date; a test runs it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "console" / "__snapshots__"
IMAGES = ROOT / "docs" / "images"
LANGUAGES = ("es", "en")

#: what each picture is called, and which of the tests' pictures it is: (file, scene with its size)
PICTURES: dict[str, tuple[str, str]] = {
    "wallboard": ("test_board", "test_picture[board-120x24"),
    "alerts": ("test_board", "test_picture[alerts-120x24"),
    "links": ("test_link_pictures", "test_screen[offered-120x40"),
}
#: scenes made for the guide, each called as in its test
GUIDE = (
    "tour", "inbox", "reply", "undo", "status", "search", "templates", "fields", "note", "tags", "snooze", "several",
    "later", "mail", "comment", "reminder", "reminders", "classify", "checklist", "people", "transfer", "card",
    "consult", "help_and_whisper", "review", "why", "give", "observing", "channels",
)  # fmt: skip
PICTURES |= {name.replace("_", "-"): ("test_guide_pictures", f"test_picture[{name}") for name in GUIDE}

#: whoever opens a picture shall not fetch a font from a third party for it
_FETCHED = re.compile(r'^.*url\("https:.*\n', re.MULTILINE)
_FONT = re.compile(r'(local\("FiraCode-[A-Za-z]*"\)),')
#: names that are made anew with every picture
_NAMES = re.compile(r"terminal-\d+")


def pictures() -> Iterator[tuple[Path, str]]:
    """Each picture's file, and what is to be in it."""
    for name, (file, scene) in PICTURES.items():
        for language in LANGUAGES:
            svg = (KEPT / file / f"{scene}-{language}].raw").read_text(encoding="utf-8")
            svg = _NAMES.sub(f"{name}-{language}", _FONT.sub(r"\1;", _FETCHED.sub("", svg)))
            yield IMAGES / f"{name}.{language}.svg", svg


def outdated() -> list[str]:
    """Names of pictures that are not as they should be."""
    return [file.name for file, svg in pictures() if not file.exists() or file.read_text(encoding="utf-8") != svg]


def main() -> int:
    """Write them, or say which are out of date."""
    if sys.argv[1:] == ["check"]:
        late = outdated()
        if late:
            sys.stderr.write(f"out of date: {' '.join(late)}: run python tools/pictures.py\n")
        return 1 if late else 0
    IMAGES.mkdir(exist_ok=True)
    for file, svg in pictures():
        file.write_text(svg, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
