"""The console on sample data, with the settings of a file; half a second after its start a customer writes:
`python -m tests.console.run_telling FILE`."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from agent_console import i18n, settings
from agent_console.app import ConsoleApp
from tests.console.fake import FakeSession
from tests.console.run_sample import TickingClock


class Program(ConsoleApp):
    """A customer writes as soon as the inbox stands; what the terminal gets is looked at by a test."""

    async def on_ready(self) -> None:
        self.set_timer(0.5, self._happen)

    def _happen(self) -> None:
        session = self.session
        assert isinstance(session, FakeSession)
        session.event("message.received", session.changed_row(2, preview="¿y entonces?", inbound=4))


def main() -> None:
    """Run it."""
    os.environ["TZ"] = "America/El_Salvador"
    time.tzset()
    i18n.set_language("en")
    clock = TickingClock()
    make = partial(FakeSession, clock=clock)
    found = settings.load(Path(sys.argv[1]))
    Program("http://test", "t", lang="en", settings=found, clock=clock, make_session=make).run()


if __name__ == "__main__":
    main()
