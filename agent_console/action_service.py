"""The actions of the rules of service: transfers, classification, reminders, presence …"""

from __future__ import annotations

from typing import Final

from agent_console.action_base import BROWSE, Action
from agent_console.action_rules import can_answer, can_transfer, needs_conversation
from agent_console.i18n import N_

SERVICE: Final[tuple[Action, ...]] = (
    Action(id="transfer", keys=("t",), label=N_("hand on"),
           help=N_("Hand the conversation on with its context, or ask a colleague"), where=BROWSE, footer=BROWSE,
           enabled=can_transfer),
    Action(id="answer_transfer", keys=("y",), label=N_("answer offer"),
           help=N_("Accept or decline what a colleague hands on to you; answer what they ask"), where=BROWSE,
           footer=BROWSE, enabled=can_answer),
    Action(id="classify", keys=("d",), label=N_("classify"),
           help=N_("Say what it is about and how hard it is"), where=BROWSE, enabled=needs_conversation),
    Action(id="checklist", keys=("P",), label=N_("checklist"),
           help=N_("What the protocol asks for here: tick, note the outcome, set the stage"), where=BROWSE,
           enabled=needs_conversation),
    Action(id="why", keys=(",",), label=N_("why here"), help=N_("Say why this conversation came here"), where=BROWSE,
           enabled=needs_conversation),
    Action(id="status", keys=("A",), label=N_("my status"),
           help=N_("Set your status: online, busy, away, back at a moment"), where=BROWSE),
    Action(id="alerts", keys=("U",), label=N_("alerts"), help=N_("Alerts that somebody has to look at"), where=BROWSE),
    Action(id="wallboard", keys=("f3",), label=N_("wallboard"),
           help=N_("Who waits, who works, how the day goes (supervisors)"), where=BROWSE),
)  # fmt: skip

#: how the help and the documentation group them
SERVICE_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Service"), tuple(action.id for action in SERVICE)),
)
