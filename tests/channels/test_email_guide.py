"""docs/channels/email.md says what the code does: settings, limits, reasons, the stand-in's defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.channels import email_imap
from server.channels.email import Email
from server.channels.email_out import FILES_LIMIT
from server.channels.email_reasons import reason
from server.facts import REASONS
from server.sandbox.mail_state import Settings
from tests.channels.test_email_adapter import GOOD

GUIDE = (Path(__file__).resolve().parents[2] / "docs/channels/email.md").read_text()
MEGABYTE = 1024 * 1024


def test_settings() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \| ", GUIDE, re.MULTILINE))
    for option in Email.options:
        assert option.name in rows
        assert f"--set {option.name}=" in GUIDE or not option.required
        (row,) = re.findall(rf"^\| `{option.name}` \| (.*) \|$", GUIDE, re.MULTILINE)[:1]
        assert row.startswith("optional") != option.required
        assert not option.default or f"`{option.default}`" in row
    assert set(re.findall(r"--set (\w+)=", GUIDE)) <= {option.name for option in Email.options}


def test_the_example_is_a_channel() -> None:
    example = GUIDE[GUIDE.index("channel add email correo") : GUIDE.index("--team Servicio")]
    given = {name: value.strip('"') for name, value in re.findall(r'--set (\w+)=("[^"]*"|\S+)', example)}
    assert set(GOOD) <= set(given)
    assert Email(given).settings["start"] == "new"


def test_each_example_is_a_channel() -> None:
    examples = re.findall(r"channel add email correo \\\n((?:    --.*\n)+)", GUIDE)
    assert len(examples) >= 4
    made = [dict(re.findall(r'--set (\w+)=("[^"]*"|\S+)', example)) for example in examples]
    ways = [Email({name: value.strip('"') for name, value in given.items()}).settings["sign_in"] for given in made]
    assert {"password", "microsoft", "google"} == set(ways)


def test_limits() -> None:
    can = Email.capabilities
    assert f"Texts hold {can.text_limit:,} characters" in GUIDE and can.caption_limit == can.text_limit
    assert can.files == 10 and "Ten files" in GUIDE
    assert f"{FILES_LIMIT // MEGABYTE} MB together" in GUIDE and set(can.media.values()) == {FILES_LIMIT}
    assert f"above {email_imap.MAIL_BYTES // MEGABYTE} MB" in GUIDE
    assert email_imap.BEGINNING_BYTES == MEGABYTE and "first megabyte" in GUIDE
    assert f"every {email_imap.WAIT_SECONDS:.0f} seconds" in GUIDE


@pytest.mark.parametrize(
    ("expected", "code", "status"), re.findall(r"^\| `(\w+)` \| (5\d\d), (5\.\d+\.\d+):? ?", GUIDE, re.MULTILINE)
)
def test_codes_mean_here_what_the_guide_says(expected: str, code: str, status: str) -> None:
    assert reason(int(code), f"{status} refused") == expected


def test_reasons_are_reasons() -> None:
    table = GUIDE[GUIDE.index("### Sending fails") : GUIDE.index("## Try it")]
    cells = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    named = {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}
    assert len(named) >= 10 and named <= set(REASONS)


def test_the_stand_ins_defaults() -> None:
    own = Settings()
    for value in (own.address, own.user, own.password):
        assert f"={value}" in GUIDE
