"""What README.md says of the channels is what their adapters can do, and every guide that it names is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from server.channels.registry import kinds

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def channel_table() -> ModuleType:
    """The program that makes the table."""
    found = importlib.util.spec_from_file_location("channel_table", ROOT / "tools" / "channel_table.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_table_of_channels_is_what_the_adapters_say() -> None:
    made = channel_table()
    assert set(made.CHANNELS) == set(kinds())
    assert made.table() in README, "put the output of `python tools/channel_table.py` into README.md"


def test_everything_it_leads_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) >= 10
    assert not [link for link in links if not (ROOT / link.partition("#")[0]).exists()]
