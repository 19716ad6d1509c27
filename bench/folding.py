"""How well replies are told from what they quote: the cases of ../shared with the text that is expected of each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.channels.email_fold import fold
from tests.conftest import find_shared

FOLDER = "conformance/reply-folding"


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Exact: the same text, empty lines at both ends aside. Near: the same but for blanks."""
    shared = find_shared()
    if shared is None:
        raise SystemExit("folding needs ../shared or AGENT_CONSOLE_SHARED")
    yield score(shared / FOLDER)


def score(folder: Path) -> dict[str, Any]:
    """The cases of a folder, how many came out as expected, and which did not."""
    exact, near, wrong = 0, 0, []
    cases = sorted((folder / "emails").glob("*.txt"))
    for case in cases:
        visible, _ = fold(case.read_bytes().decode())
        expected = (folder / "trimmed" / case.name).read_text().replace("\r\n", "\n")
        if visible.strip("\n").rstrip() == expected.strip("\n").rstrip():
            exact += 1
        elif visible.split() == expected.split():
            near += 1
        else:
            wrong.append(case.stem)
    return {"cases": len(cases), "exact": exact, "near": near, "wrong": wrong}
