"""The program with another pace per WhatsApp user than Meta's, and circuits that open as usual or never:
`python -m tests.faults.paced MILLISECONDS usual|never serve …`."""

from __future__ import annotations

import sys

from agent_console.__main__ import main
from server.channels.whatsapp import WhatsApp
from server.desk import breaker

if __name__ == "__main__":
    WhatsApp.capabilities.pair_interval_ms = int(sys.argv.pop(1))
    if sys.argv.pop(1) == "never":
        breaker.failed = lambda circuit, *how: circuit
    main()
