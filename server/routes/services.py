"""What the routes work with, one of each per server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.commands.channels import OpenChannels
from server.commands.door import Door
from server.routes.auth import Auth
from server.routes.lockout import LockOut
from server.routes.metrics import Metrics
from server.routes.passwords import Passwords
from server.routes.zone import Zone
from server.settings import Settings

if TYPE_CHECKING:
    import httpx

    from server.feed.hub import Hub
    from server.jobs.tally import DayTally

#: failures one address may have for free: an office shares one
FREE_PER_ADDRESS = 50


class Services:
    """Made with the app; `door`, `auth`, `channels`, `hub`, `http`, `tally`, `zone` are there while the app runs."""

    door: Door
    auth: Auth
    channels: OpenChannels
    hub: Hub
    http: httpx.AsyncClient
    tally: DayTally
    zone: Zone

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.passwords = Passwords()
        self.users_out = LockOut()
        self.addresses_out = LockOut(free=FREE_PER_ADDRESS)
