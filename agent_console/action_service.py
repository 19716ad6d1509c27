"""The actions of the rules of service: transfers, classification, reminders, presence …"""

from __future__ import annotations

from typing import Final

from agent_console.action_base import BROWSE, Action
from agent_console.action_rules import (
    can_answer,
    can_flag,
    can_remind,
    can_supervise,
    can_take_over,
    can_transfer,
    can_whisper,
    needs_conversation,
)
from agent_console.i18n import N_

SERVICE: Final[tuple[Action, ...]] = (
    Action(id="transfer", keys=("t",), label=N_("hand on"),
           help=N_("Hand the conversation on with its context, or ask a colleague"), where=BROWSE, footer=BROWSE,
           enabled=can_transfer),
    Action(id="answer_transfer", keys=("y",), label=N_("answer offer"),
           help=N_("Accept or decline what a colleague hands on to you; answer what they ask"), where=BROWSE,
           footer=BROWSE, enabled=can_answer),
    Action(id="remind", keys=("b",), label=N_("remind"),
           help=N_("Note a reminder, a promise or a call for a moment"), where=BROWSE, enabled=can_remind),
    Action(id="reminders", keys=("B",), label=N_("reminders"), help=N_("My reminders, promises and calls"),
           where=BROWSE),
    Action(id="flag", keys=("F",), label=N_("ask for help"),
           help=N_("Ask a supervisor for help with it, or no longer"), where=BROWSE, enabled=can_flag),
    Action(id="whisper", keys=("I",), label=N_("whisper"),
           help=N_("Whisper to its advisor: other advisors do not see it (supervisors)"), where=BROWSE,
           enabled=can_whisper),
    Action(id="observe", keys=("O",), label=N_("look on"),
           help=N_("Look on silently, unseen and without marking anything as read (supervisors)"), where=BROWSE,
           enabled=can_supervise),
    Action(id="take_over", keys=("Y",), label=N_("take over"),
           help=N_("Take it from whoever has it, and say why (supervisors)"), where=BROWSE, enabled=can_take_over),
    Action(id="edit_customer", keys=("ctrl+e",), label=N_("edit customer"),
           help=N_("Edit who the customer is: name, region, profile, what is noted"), where=BROWSE,
           enabled=can_remind),
    Action(id="why", keys=(",",), label=N_("why here"), help=N_("Say why this conversation came here"), where=BROWSE,
           enabled=needs_conversation),
    Action(id="classify", keys=("d",), label=N_("classify"),
           help=N_("Say what it is about and how hard it is"), where=BROWSE, enabled=needs_conversation),
    Action(id="checklist", keys=("P",), label=N_("checklist"),
           help=N_("What the protocol asks for here: tick, note the outcome, set the stage"), where=BROWSE,
           enabled=needs_conversation),
    Action(id="status", keys=("A",), label=N_("my status"),
           help=N_("Set your status: online, busy, away, back at a moment"), where=BROWSE),
    Action(id="alerts", keys=("U",), label=N_("alerts"), help=N_("Alerts that somebody has to look at"), where=BROWSE),
    Action(id="reviews", keys=("f4",), label=N_("reviews"),
           help=N_("Answers that wait for your review: send, change or give back"), where=BROWSE),
    Action(id="wallboard", keys=("f3",), label=N_("wallboard"),
           help=N_("Who waits, who works, how the day goes (supervisors)"), where=BROWSE),
)  # fmt: skip

#: how the help and the documentation group them
SERVICE_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Service"), tuple(action.id for action in SERVICE)),
)
