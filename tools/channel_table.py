"""What each channel can do, as README.md shows it: `python tools/channel_table.py` prints the table."""

from __future__ import annotations

from server.channels.registry import adapter_class
from server.wire import Capabilities

#: kind -> (what people call it, what it is connected by)
CHANNELS = {
    "whatsapp": ("WhatsApp", "Cloud API"),
    "messenger": ("Messenger", "Graph API"),
    "instagram": ("Instagram", "Graph API"),
    "telegram": ("Telegram", "Bot API"),
    "sms": ("SMS, MMS", "Twilio's API"),
    "email": ("E-mail", "IMAP, SMTP"),
    "webchat": ("Web chat", "one line in your pages"),
    "webhook": ("Anything else", "signed webhooks"),
}
_MB = 1024 * 1024
_HOUR, _DAY = 3_600_000, 86_400_000
#: what else a channel may have: how it is called, by the field that says so
_EXTRAS = {
    "reactions": "reactions",
    "quotes": "quotes",
    "typing": "typing",
    "templates": "templates",
    "subject": "subject",
    "copies": "cc and bcc",
    "segments": "segments counted",
    "moderation": "hide, delete",
}


def table() -> str:
    """The table in Markdown, with a line for each channel and one for what is written there in public."""
    lines = [
        "| channel | by | characters | files | answer within | reports | besides |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, (name, by) in CHANNELS.items():
        adapter = adapter_class(kind)
        lines.append(_line(f"[{name}](docs/channels/{kind}.md)", by, adapter.capabilities))
        if adapter.public is not None:
            lines.append(_line(f"{name}, comments", "", adapter.public))
    return "\n".join(lines)


def _line(name: str, by: str, can: Capabilities) -> str:
    reports = ", ".join(word for word in can.receipts if word in ("delivered", "read", "failed"))
    extras = [shown for field, shown in _EXTRAS.items() if getattr(can, field)]
    cells = (name, by, f"{can.text_limit:,}", _files(can), _within(can), reports, ", ".join(extras))
    return "| " + " | ".join(cells) + " |"


def _files(can: Capabilities) -> str:
    if not can.media:
        return "no"
    largest = f"{max(can.media.values()) // _MB} MB"
    if set(can.media) == {"image"}:
        return f"pictures of {largest}"
    return f"{can.files} of {largest}" if can.files > 1 else largest


def _within(can: Capabilities) -> str:
    if can.private_once_ms is not None:
        return f"any time; in private once, {can.private_once_ms // _DAY} days"
    if can.window_ms is None:
        return "any time"
    hours = f"{can.window_ms // _HOUR} h"
    if can.late_ms is not None:
        return f"{hours}, people {can.late_ms // _DAY} days"
    return f"{hours}, then templates" if can.templates else hours


if __name__ == "__main__":
    print(table())  # noqa: T201 - the program's answer
