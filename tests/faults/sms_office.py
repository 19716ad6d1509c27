"""What fault tests of SMS drive: a real server process, and the stand-in for Twilio in this process."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from agent_console.__main__ import main
from agent_console.backend.api import Api
from server.channels.sms import CAPABILITIES
from server.desk import breaker
from server.sandbox.sms import Settings, Twilio, serve
from tests.real_server import RealServer

#: seconds between two look-ups of what was missed, in place of 300
POLL = 1
#: ms between two messages of the account, in place of 1,000
INTERVAL_MS = 2


class SmsOffice:
    """A server with the SMS channel `sms`, and what stands behind that channel."""

    def __init__(self, server: RealServer, twilio: Twilio) -> None:
        self.server = server
        self.twilio = twilio

    def api(self) -> Api:
        """The console's own client, signed in as an advisor. Close it."""
        return Api(self.server.url, self.server.tokens["advisor"], "en")


@contextlib.asynccontextmanager
async def open_sms_office(
    home: Path, *, interval_ms: int = INTERVAL_MS, circuits: str = "usual", **settings: Any
) -> AsyncIterator[SmsOffice]:
    """An office in `home`. `settings` are the stand-in's; `circuits` may be "never", so that each message's failures
    are its own."""
    with RealServer(home) as server:
        server.program = ("-m", "tests.faults.sms_office", str(interval_ms), circuits)
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        twilio = Twilio(Settings(hook_url=f"{server.url}/hooks/sms", **settings))
        async with serve(twilio) as url:
            await asyncio.to_thread(add_sms, server, url)
            yield SmsOffice(server, twilio)


def add_sms(server: RealServer, api_url: str) -> None:
    """Set the channel up as an administrator would."""
    known = Settings()
    given = {
        "account_sid": known.account_sid,
        "auth_token": known.auth_token,
        "number": known.number,
        "api_url": api_url,
        "public_url": server.url,
        "poll": str(POLL),
    }
    with server.client("admin") as admin:
        made = admin.post("/channels", json={"kind": "sms", "name": "sms", "settings": given})
        assert made.is_success, made.text


if __name__ == "__main__":  # the program with another pace than Twilio's, and circuits that open as usual or never
    CAPABILITIES.account_interval_ms = int(sys.argv.pop(1))
    if sys.argv.pop(1) == "never":
        breaker.failed = lambda circuit, *how: circuit
    main()
