"""The console on sample data, in a terminal: `python -m tests.console.run_sample [--lang en] [--theme NAME]`."""

from __future__ import annotations

import os
import sys
import time
from functools import partial

from agent_console.app import ConsoleApp
from tests.console import sample
from tests.console.fake import FakeSession


class TickingClock:
    """The sample's time goes on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self) -> int:
        return sample.NOW + int((time.monotonic() - self._began) * 1000)


def main() -> None:
    """Run it."""
    os.environ["TZ"] = "America/El_Salvador"
    time.tzset()
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    clock = TickingClock()
    app = ConsoleApp(
        "http://test",
        "t",
        lang=options.get("--lang", "es"),
        theme=options.get("--theme", "agent-console"),
        clock=clock,
        make_session=partial(FakeSession, clock=clock),
    )
    app.run()


if __name__ == "__main__":
    main()
