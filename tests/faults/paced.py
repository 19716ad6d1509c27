"""The program with another pace per WhatsApp user than Meta's: `python -m tests.faults.paced MILLISECONDS serve …`."""

from __future__ import annotations

import sys

from agent_console.__main__ import main
from server.channels.whatsapp import WhatsApp

if __name__ == "__main__":
    WhatsApp.capabilities.pair_interval_ms = int(sys.argv.pop(1))
    main()
