"""Whose seat a person takes in the demo, and who works beside them.

An advisor (ana) and the supervisor (sofia) sit at the console; the administrator at a shell that is signed in.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec

from agent_console.demo_office import ADMIN, Office
from agent_console.i18n import _

#: who sits there, by the role
SITS: Final = {"advisor": "ana", "supervisor": "sofia", "admin": ADMIN}


def write_crew(office: Office, seat: str) -> Path:
    """Write down who works beside the person: the other advisors; for an advisor a supervisor who gives her work."""
    from agent_console.demo_advisor import Colleague, Crew, Habits  # while the console is imported elsewhere

    password = office.papers.password
    luis = Habits(waits=(3.0, 8.0), thinks=(1.0, 2.5), leaves=0.45)
    rosa = Habits(waits=(5.0, 14.0), thinks=(1.5, 4.0), leaves=0.6)
    people = [
        Colleague(name="luis", password=password, habits=luis, hands_to="ana"),
        Colleague(name="rosa", password=password, habits=rosa),
    ]
    if seat == "advisor":
        people.append(Colleague(name="sofia", password=password, gives_to="ana"))
    else:
        ana = Habits(waits=(4.0, 10.0), thinks=(1.0, 3.0), leaves=0.5, asks_help=0.06)
        people.append(Colleague(name="ana", password=password, habits=ana))
    crew = Crew(server=office.url, folder=str(office.work / "crew"), seed=office.papers.seed, people=people)
    file = office.work / "crew.json"
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(crew))
    return file


def shell(office: Office, seconds: float | None) -> int:
    """Let the administrator work at a shell until they leave it, or for so long; its exit code."""
    bin = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "AGENT_CONSOLE_SERVER": office.url,
        "AGENT_CONSOLE_TOKEN": office.tokens[ADMIN],
        "AGENT_CONSOLE_LANG": office.lang,
        "PATH": os.pathsep.join((bin, os.environ.get("PATH", os.defpath))),
    }
    program = os.environ.get("SHELL") or shutil.which("bash") or "/bin/sh"
    # ctrl+c ends what runs in the shell, not the demo; a handler, since what is ignored stays so in the shell
    before = signal.signal(signal.SIGINT, _nothing)
    process = subprocess.Popen([program], env=environment)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return 0
    finally:
        signal.signal(signal.SIGINT, before)
        if process.poll() is None:
            process.send_signal(signal.SIGHUP)  # what shells end on, with what runs in them
            process.wait()


def _nothing(number: int, frame: FrameType | None) -> None:
    pass


def advice() -> str:
    """What the administrator may try."""
    commands = (
        ("agent-console channel list", _("every channel, and how it is")),
        ('agent-console route test "robo de tarjeta"', _("where that would go, and why")),
        ("agent-console sla test --priority urgent", _("what is promised, and by when")),
        ("agent-console rule list", _("what is done by itself")),
        ("agent-console user list", _("who works here")),
        ("agent-console events --follow", _("all that happens, as it happens")),
        ("agent-console", _("the console, as the administrator")),
    )
    width = max(len(command) for command, _what in commands)
    lines = [f"  {command:{width}}  {what}" for command, what in commands]
    return "\n".join((_("This shell is signed in as the administrator. Try:"), *lines, _("exit ends the demo.")))
