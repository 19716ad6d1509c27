"""Facebook Messenger and the comments on a Page's posts: one `Messenger` is one Page.

Set-up: docs/channels/messenger.md. Limits: developers.facebook.com/documentation/business-messaging/messenger-platform
(send messages: 2,000 characters, 25 MB; policy: 24 h, Human Agent 7 days; private replies: once, 7 days).
"""

from __future__ import annotations

from typing import ClassVar

import httpx

from server.channels import meta_find
from server.channels.base import Option, Outgoing, Sent
from server.channels.foreign import items, scalar, string
from server.channels.meta_api import GRAPH_URL, checked_file, fitting, refuse
from server.channels.meta_messaging import (
    HUMAN_MS,
    MEGABYTE,
    PRIVATE_MS,
    WINDOW_MS,
    MetaMessaging,
    common_options,
)
from server.wire import Capabilities, Check

#: webhook fields without which messages, or what is said of them, would not come
FIELDS = ("messages", "message_echoes", "message_reads", "message_deliveries", "messaging_postbacks")

_FILE = 25 * MEGABYTE


class Messenger(MetaMessaging):
    """One Page: its direct messages and the comments below its posts."""

    kind: ClassVar[str] = "messenger"
    address: ClassVar[str] = "psid"
    platform: ClassVar[str] = "messenger"
    ids: ClassVar[tuple[str, ...]] = ("page_id",)
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="page_id", help="id of the Page (Page › About › Page transparency)"),
        *common_options(GRAPH_URL),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=2000,
        caption_limit=0,
        window_ms=WINDOW_MS,
        late_ms=HUMAN_MS,
        receipts=["sent", "delivered", "read", "failed"],
        media={"image": _FILE, "video": _FILE, "audio": _FILE, "document": _FILE},
        reactions=True,
        quotes=True,
        typing=True,
    )
    public: ClassVar[Capabilities | None] = Capabilities(
        text_limit=8000,
        caption_limit=8000,
        receipts=["sent", "delivered", "failed"],
        media={"image": 10 * MEGABYTE},
        quotes=True,
        public=True,
        private_once_ms=PRIVATE_MS,
        moderation=True,
    )
    hide_field: ClassVar[str] = "is_hidden"
    profile_fields: ClassVar[str] = "first_name,last_name"

    @property
    def sender(self) -> str:
        return self.account

    async def answer_publicly(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        assert self.public is not None
        target = f"{self.public_target(message)}/comments"
        if message.kind == "text":
            text = fitting(message.text, self.public.text_limit)
            return self.written(await self.request(http, target, json={"message": text}))
        if message.kind not in self.public.media:
            raise refuse("unsupported", f"cannot answer with {message.kind!r} in public")
        file = checked_file(message.kind, message.file, self.public.media)
        text = fitting(message.text, self.public.caption_limit, may_be_empty=True)
        return self.written(await self.with_file(target, "source", file, {"message": text}, http, False))

    async def public_answers(self, message: Outgoing, http: httpx.AsyncClient) -> list[meta_find.Written]:
        answer = await self.look_up(
            f"{self.public_target(message)}/comments",
            http,
            fields="id,message,from,created_time,attachment",
            order="reverse_chronological",
            limit=str(meta_find.LOOKED_AT),
        )
        return meta_find.in_public(answer, self.account, "message", "created_time")

    # ---------------------------------------------------------------- settings tried out

    async def check_account(self, http: httpx.AsyncClient) -> Check:
        page = await self.look_up("me", http, fields="id,name")
        found, name = scalar(page.get("id")), string(page.get("name"))
        if found == self.account:
            return Check(name="account", ok=True, detail=" · ".join(filter(None, (name, found))))
        return Check(name="account", ok=False, detail=f"{name} {found} ≠ {self.account}", why="token_of_other")

    async def check_subscription(self, http: httpx.AsyncClient) -> Check:
        answer = await self.look_up(f"{self.account}/subscribed_apps", http, fields="subscribed_fields")
        fields: set[str] = set()
        for app in items(answer.get("data")):
            listed = app.get("subscribed_fields")
            fields |= {string(field, 64) for field in listed} if isinstance(listed, list) else set()
        missing = [field for field in FIELDS if field not in fields]
        if not missing:
            return Check(name="subscription", ok=True, why="" if "feed" in fields else "no_comments")
        call = f"POST {self.graph_url}/{self.account}/subscribed_apps?subscribed_fields={','.join((*FIELDS, 'feed'))}"
        detail = f"{', '.join(missing)}: {call}"
        return Check(name="subscription", ok=False, detail=detail, why="not_subscribed")
