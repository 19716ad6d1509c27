"""What happens without anyone asking. Each job wakes on the journal or when something is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.commands.channels import OpenChannels
from server.commands.door import Door
from server.jobs.alerts import Escalation
from server.jobs.automation import Automation
from server.jobs.clocks import Alarm, Clocks, Housekeeping
from server.jobs.dispatch import Attendance, Dispatcher, Leavers, Rescuer
from server.jobs.event_hooks import EventHooks
from server.jobs.files import Files
from server.jobs.finding import Finding
from server.jobs.names import Names
from server.jobs.outbox import Outbox
from server.jobs.pulling import Pulling
from server.jobs.reading import ReadMarks
from server.jobs.reminders import Reminders
from server.jobs.reviews import Reviews
from server.jobs.service_levels import AfterHours, Holidays, Reapply
from server.jobs.tally import DayTally
from server.jobs.transfers import Returning
from server.jobs.vocabulary import Vocabulary
from server.jobs.watching import Watching

if TYPE_CHECKING:
    import httpx


class Jobs:
    """All jobs of one server. `marks.typing` and `attendance.console` are for the feed to call."""

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        self.outbox = Outbox(door, channels, http)
        self.marks = ReadMarks(door, channels, http)
        self.tally = DayTally(door)
        self.attendance = Attendance(door)
        self._jobs = (
            self.outbox,
            Finding(door, channels, http),
            Clocks(door),
            Reapply(door),
            Holidays(door),
            AfterHours(door),
            Alarm(door),
            Reminders(door),
            Escalation(door),
            self.attendance,
            Dispatcher(door),
            Leavers(door),
            Rescuer(door),
            Returning(door),
            self.tally,
            Files(door, channels, http),
            Pulling(door, channels, http),
            Watching(door, channels, http),
            Names(door, channels, http),
            EventHooks(door, http),
            Automation(door),
            Reviews(door),
            Vocabulary(door),
            Housekeeping(door),
        )

    def start(self) -> None:
        for job in self._jobs:
            job.start()
        self.marks.start()

    async def stop(self) -> None:
        """Stop taking up work; what is on its way to a provider is waited for and recorded."""
        await self.marks.stop()
        for job in self._jobs:
            await job.stop()
