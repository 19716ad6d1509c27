"""Whether the computer that the console runs on is its reader's own.

In a browser it is not: the console runs beside the web server, and whoever signs in must get nothing of that
computer's files, programs or accounts.
"""

from __future__ import annotations

import os
from typing import Final

#: set by `agent_console.web.serving` for its visitors' processes: where they keep what is not sent yet
VISITOR: Final = "AGENT_CONSOLE_VISITOR"


def is_the_readers() -> bool:
    """Whether files of this computer may be read, sent and written for the reader, and programs started."""
    return VISITOR not in os.environ
