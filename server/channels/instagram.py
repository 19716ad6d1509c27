"""Instagram: one `Instagram` is one professional account, its direct messages and the comments on its media.

Set-up: docs/channels/instagram.md. Limits: developers.facebook.com/documentation/business-messaging/instagram-messaging
(send message: 1,000 bytes; picture 8 MB, video, audio and PDF 25 MB; private replies: once, 7 days, during a live
broadcast only while it lasts) and …/instagram-platform/comment-moderation (answers of 300 characters).
"""

from __future__ import annotations

from typing import ClassVar

import httpx

from server.channels import meta_find
from server.channels.base import Option, Outgoing, Sent
from server.channels.foreign import items, scalar, string
from server.channels.meta_api import GRAPH_URL, fitting, refuse
from server.channels.meta_entry import who
from server.channels.meta_messaging import (
    HUMAN_MS,
    MEGABYTE,
    PRIVATE_MS,
    WINDOW_MS,
    MetaMessaging,
    common_options,
)
from server.wire import Capabilities, Check

#: bytes of a text in UTF-8
TEXT_BYTES = 1000


class Instagram(MetaMessaging):
    """One professional account. Its token is that of the Page it is linked to, or its own (Instagram login)."""

    kind: ClassVar[str] = "instagram"
    address: ClassVar[str] = "igsid"
    platform: ClassVar[str] = "instagram"
    ids: ClassVar[tuple[str, ...]] = ("account_id",)
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="account_id", help="id of the professional account, as webhooks name it (17841…)"),
        *common_options(GRAPH_URL),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=1000,
        caption_limit=0,
        window_ms=WINDOW_MS,
        late_ms=HUMAN_MS,
        receipts=["sent", "read", "failed"],
        media={
            "image": 8 * MEGABYTE,
            "video": 25 * MEGABYTE,
            "audio": 25 * MEGABYTE,
            "document": 25 * MEGABYTE,
        },
        reactions=True,
        quotes=True,
        typing=True,
    )
    public: ClassVar[Capabilities | None] = Capabilities(
        text_limit=300,
        caption_limit=0,
        receipts=["sent", "delivered", "failed"],
        quotes=True,
        public=True,
        private_once_ms=PRIVATE_MS,
        moderation=True,
    )
    hide_field: ClassVar[str] = "hide"
    profile_fields: ClassVar[str] = "name,username"
    reaction_words: ClassVar[dict[str, str]] = dict.fromkeys(("❤", "❤️", "♥", "♥️"), "love")

    @property
    def sender(self) -> str:
        return "me"  # the linked Page, or the account itself: whichever the token is of

    def check_text(self, text: str) -> None:
        fitting(text, self.capabilities.text_limit)
        size = len(text.encode("utf-8", "replace"))
        if size > TEXT_BYTES:
            raise refuse("too_long", f"{size} of {TEXT_BYTES} bytes (é has two of them, 🙂 four)")

    async def answer_publicly(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        assert self.public is not None
        if message.kind != "text":
            raise refuse("unsupported", f"cannot answer with {message.kind!r} in public")
        text = fitting(message.text, self.public.text_limit)
        mentioned = message.last_data
        if mentioned.get("mention") is True and message.reply_to in ("", message.last_in):
            body = {"media_id": scalar(mentioned.get("post_id")), "message": text}
            if comment := scalar(mentioned.get("comment_id")):
                body["comment_id"] = comment
            return self.written(await self.request(http, f"{self.account}/mentions", json=body))
        node = f"{self.public_target(message)}/replies"
        return self.written(await self.request(http, node, json={"message": text}))

    async def public_answers(self, message: Outgoing, http: httpx.AsyncClient) -> list[meta_find.Written]:
        node = f"{self.public_target(message)}/replies"
        answer = await self.look_up(node, http, fields="id,text,from,timestamp", limit=str(meta_find.LOOKED_AT))
        return meta_find.in_public(answer, self.account, "text", "timestamp")

    # ---------------------------------------------------------------- settings tried out

    async def check_account(self, http: httpx.AsyncClient) -> Check:
        found = await self.look_up(self.account, http, fields="id,username,name")
        name = string(found.get("username")) or string(found.get("name"))
        owner = await self.look_up("me", http, fields=self._owner_fields)
        held = who(owner.get("instagram_business_account")) or scalar(owner.get("user_id")) or scalar(owner.get("id"))
        if held == self.account:
            return Check(name="account", ok=True, detail=" · ".join(filter(None, (name, held))))
        return Check(name="account", ok=False, detail=f"{held} ≠ {self.account}", why="token_of_other")

    @property
    def _owner_fields(self) -> str:
        """What tells whose account the token is for: asked of a Page, or (Instagram login) of the account itself."""
        return "user_id" if "graph.instagram.com" in self.graph_url else "instagram_business_account"

    async def check_subscription(self, http: httpx.AsyncClient) -> Check:
        """Instagram's fields are subscribed for the whole app, in its dashboard; the Page needs any one of its own."""
        answer = await self.look_up("me/subscribed_apps", http)
        if items(answer.get("data")):
            return Check(name="subscription", ok=True)
        call = f"POST {self.graph_url}/me/subscribed_apps?subscribed_fields=messages"
        return Check(name="subscription", ok=False, detail=call, why="no_app")
