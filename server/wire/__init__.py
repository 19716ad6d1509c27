"""The shapes of the HTTP API and of the live feed, shared by the server, the console and the command line.

This package imports nothing of ours. All times are integers, UTC milliseconds since 1970; all ids are integers that
fit in 53 bits (so JavaScript reads them exactly). Unknown fields are ignored on both sides, so that an older console
talks to a newer server.
"""

from server.wire.automation import *
from server.wire.availability import *
from server.wire.base import *
from server.wire.channels import *
from server.wire.contacts import *
from server.wire.conversations import *
from server.wire.feed import *
from server.wire.hooks import *
from server.wire.outbox import *
from server.wire.people import *
from server.wire.protocol import *
from server.wire.reminders import *
from server.wire.review import *
from server.wire.routing import *
from server.wire.service import *
from server.wire.sla import *
from server.wire.templates import *
from server.wire.transfers import *
from server.wire.wallboard import *
from server.wire.work import *
