"""The actions of the rules of service: transfers, classification, reminders, presence …"""

from __future__ import annotations

from typing import Final

from agent_console.action_base import Action
from agent_console.i18n import N_

SERVICE: Final[tuple[Action, ...]] = ()

#: how the help and the documentation group them
SERVICE_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Service"), tuple(action.id for action in SERVICE)),
)
