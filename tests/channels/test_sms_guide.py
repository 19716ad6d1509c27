"""docs/channels/sms.md says what the code does: settings, codes, limits, the stand-in's defaults and commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from agent_console.presentation.segments import GSM, GSM_PART, UCS2, UCS2_PART, count
from server.channels.sms import CAPABILITIES, Sms
from server.channels.sms_api import API_URL
from server.channels.sms_errors import AGAIN, CODES
from server.channels.sms_source import FIRST_MS, LONGEST_MS, REPORTS_MS
from server.commands.links import LASTS_MS, PREFIX
from server.facts import REASONS
from server.sandbox.sms_state import Settings

GUIDE = (Path(__file__).resolve().parents[2] / "docs/channels/sms.md").read_text()

_ROW = re.compile(r"^\| ([\d, ]+) \| `(\w+)` \|", re.MULTILINE)
ROWS = _ROW.findall(GUIDE)


def _codes(cell: str) -> set[int]:
    return {int(code) for code in re.findall(r"\d+", cell)}


def test_the_table_names_every_code_once() -> None:
    named = [code for cell, _ in ROWS for code in _codes(cell)]
    assert sorted(named) == sorted(CODES)


@pytest.mark.parametrize(("cell", "reason"), ROWS)
def test_codes_mean_here_what_the_guide_says(cell: str, reason: str) -> None:
    assert reason in REASONS
    assert {CODES[code] for code in _codes(cell)} == {reason}


def test_what_is_tried_again() -> None:
    (sentence,) = re.findall(r"What Twilio turns away \((.*?)\)", GUIDE, re.DOTALL)
    assert _codes(sentence) - {429, 503} == AGAIN


def test_settings_and_limits() -> None:
    for option in Sms.options:
        assert f"| `{option.name}` |" in GUIDE
        assert f"--set {option.name}=" in GUIDE or not option.required
    assert API_URL in GUIDE
    assert f"{CAPABILITIES.text_limit:,} characters" in GUIDE
    assert (CAPABILITIES.files, CAPABILITIES.media["image"]) == (10, 5 * 1024 * 1024)
    assert "ten to a message and 5 MB in all" in GUIDE
    assert CAPABILITIES.account_interval_ms == 1000
    assert f"{Sms.option('poll').default} unless you say otherwise" in GUIDE
    assert (FIRST_MS, REPORTS_MS, LONGEST_MS) == (3_600_000, 3_600_000, 30 * 86_400_000)
    assert (LASTS_MS, PREFIX) == (2 * 3_600_000, "/media/")
    assert Sms.answer[1].decode() in GUIDE


def test_segments() -> None:
    assert f"{GSM} characters of the GSM alphabet, or {GSM_PART} each" in GUIDE
    assert f"makes it {UCS2}, or {UCS2_PART} each" in GUIDE
    assert all(not count(sign).gsm for sign in "áíóúç😀“")
    assert all(count(sign).gsm for sign in "éñü¿¡")


def test_the_stand_ins_defaults() -> None:
    settings = Settings()
    for value in (settings.account_sid, settings.auth_token, settings.number):
        assert value in GUIDE


def _commands() -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", GUIDE, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("agent-console channel add")]


@pytest.mark.parametrize("command", _commands())
def test_the_commands_make_a_channel(command: str) -> None:
    words = shlex.split(command)
    given = [words[n + 1] for n, word in enumerate(words) if word == "--set"]
    settings = dict(pair.partition("=")[::2] for pair in given)
    Sms(settings)
