"""What the reference pages list is what there is: every command, every setting of the service, every alert."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from agent_console.i18n import set_language
from agent_console.word_tables_service import ALERTS
from server.wire import ServiceSettings

ROOT = Path(__file__).resolve().parent.parent.parent
SUPERVISING = (ROOT / "docs" / "supervising.md").read_text(encoding="utf-8")


def rows(page: str, head: str) -> list[str]:
    """The first cells of the table that begins with this one."""
    table = re.split(rf"^\| {head} \|.*\n\|[-|]+\|\n", page, flags=re.MULTILINE)[1].partition("\n\n")[0]
    return [row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()]


def test_every_command_is_in_the_table() -> None:
    made = subprocess.run(
        [sys.executable, "tools/command_table.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kept = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert made.stdout == kept, "python tools/command_table.py > docs/commands.md"


def test_every_setting_of_the_service_is_explained() -> None:
    told = {cell.strip("`").partition(".")[0] for cell in rows(SUPERVISING, "setting")}
    assert told == {name.removesuffix("_ms") for name in ServiceSettings.__struct_fields__}


def test_every_alert_is_explained() -> None:
    set_language("en")
    assert set(rows(SUPERVISING, "alert")) == set(ALERTS.values())
