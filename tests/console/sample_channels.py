"""What the invented cooperative's channels can do and how they are."""

from __future__ import annotations

from server import wire

MB = 1024 * 1024
DAY = 86_400_000
PHOTOS = {"image": 5 * MB, "video": 16 * MB, "audio": 16 * MB, "document": 100 * MB}

_CAPABILITIES: dict[str, dict[str, object]] = {
    "whatsapp": {"window_ms": DAY, "reactions": True, "quotes": True, "templates": True, "media": PHOTOS,
                 "receipts": ["delivered", "read"]},
    "messenger": {"text_limit": 2000, "window_ms": DAY, "receipts": ["delivered", "read"], "media": PHOTOS},
    "instagram": {"text_limit": 1000, "window_ms": DAY, "receipts": ["read"], "media": {"image": 8 * MB}},
    "telegram": {"reactions": True, "quotes": True, "media": PHOTOS, "files": 10},
    "sms": {"text_limit": 1600, "segments": True, "receipts": ["delivered"]},
    "email": {"text_limit": 100_000, "caption_limit": 100_000, "subject": True, "copies": True, "files": 10,
              "media": {"image": 20 * MB, "video": 20 * MB, "audio": 20 * MB, "document": 20 * MB}},
    "webchat": {"receipts": ["delivered", "read"], "media": {"image": 5 * MB}},
    "webhook": {},
}  # fmt: skip


def capabilities(kind: str, surface: str = "direct") -> wire.Capabilities:
    """What can be done in a conversation of this kind."""
    if surface == "comment":
        return wire.Capabilities(text_limit=2200, public=True, private_once_ms=7 * DAY, moderation=True)
    return wire.Capabilities(**_CAPABILITIES[kind])  # type: ignore[arg-type]


def channel(id: int, kind: str, name: str, **health: object) -> wire.Channel:
    """A channel; what is not said is well."""
    settings = {"address": "ayuda@coop.example"} if kind == "email" else {}
    return wire.Channel(
        id=id,
        kind=kind,
        name=name,
        settings=settings,
        capabilities=capabilities(kind),
        health=wire.Health(**health),  # type: ignore[arg-type]
        last_in_at=1_791_992_000_000,
        last_out_at=1_791_991_000_000,
    )
