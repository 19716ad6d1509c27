"""A console in which two things are broken: the drawer of tags, and painting a message that says BROKEN."""

from __future__ import annotations

import runpy
import sys
from typing import Any


def main() -> None:
    """Break them, run the console."""
    from agent_console.presentation import messages
    from agent_console.screens.working import Working

    paint = messages.lines

    def broken(self: Any) -> None:
        raise RuntimeError("the drawer is broken")

    def lines(message: Any, *how: Any) -> Any:
        if message.text == "BROKEN":
            raise RuntimeError("the message is broken")
        return paint(message, *how)

    Working.do_tags = broken  # type: ignore[method-assign]
    messages.lines = lines  # type: ignore[assignment]
    sys.argv = ["agent_console", *sys.argv[1:]]
    runpy.run_module("agent_console", run_name="__main__")


if __name__ == "__main__":
    main()
