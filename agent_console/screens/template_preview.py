"""What the template chosen will say to this customer, shown in the drawer: asked of the server once the keys rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent_console.backend import calls_work
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.tasks import begin
from agent_console.presentation import templates as painted
from server import wire

if TYPE_CHECKING:
    from agent_console.backend.session import Session
    from agent_console.widgets.template_drawer import TemplateDrawer

#: seconds without another key before the server is asked what a template says
REST = 0.12


class Preview:
    """The text of one template after the other; what was asked once is kept until `forget`."""

    def __init__(self, session: Session, drawer: TemplateDrawer) -> None:
        self._session, self._drawer = session, drawer
        self._asking: asyncio.Task[None] | None = None
        self._texts: dict[tuple[object, ...], str] = {}

    def forget(self) -> None:
        """Templates changed, or the customer may be known better by now."""
        self._texts.clear()

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    def show(self, conversation: int, answers: Mapping[str, str]) -> None:
        """Say what the drawer's template says there, with what is filled in so far."""
        self.stop()
        entry, drawer = self._drawer.entry, self._drawer
        if isinstance(entry, wire.ApprovedTemplate):
            drawer.text = painted.said(entry, painted.template_of(entry, dict(answers)))
            drawer.settle()
        elif entry is not None:
            key = (entry.id, entry.updated_at, conversation, *answers.items())
            drawer.text = self._texts.get(key, drawer.text if drawer.stage == "fill" else None)
            drawer.settle()
            if key not in self._texts:
                self._asking = begin(self._ask(key, entry, conversation, answers))

    async def _ask(
        self, key: tuple[object, ...], entry: wire.ReplyTemplate, conversation: int, answers: Mapping[str, str]
    ) -> None:
        await asyncio.sleep(REST)
        try:
            text = (await self.render(entry, conversation, answers)).text
        except (ApiError, Unreachable):  # an answer is missing that it reckons with, or there is no network
            text = self._raw(entry, conversation)
        else:
            self._texts[key] = text
        if self._drawer.display and self._drawer.entry is entry:
            self._drawer.text = text
            self._drawer.settle()

    async def render(
        self, entry: wire.ReplyTemplate, conversation: int, answers: Mapping[str, str]
    ) -> wire.RenderedTemplate:
        """What it says there, by the server."""
        body = wire.RenderTemplate(conversation=conversation, answers=dict(answers))
        return await self._session.api.send(calls_work.render_template(entry.id, body))

    def language(self, conversation: int) -> str:
        """What its customer speaks, as far as is known."""
        thread = self._session.mirror.thread(conversation)
        return (thread.about.contact.language if thread is not None and thread.about is not None else "") or "es"

    def _raw(self, entry: wire.ReplyTemplate, conversation: int) -> str:
        row = self._session.mirror.row(conversation)
        return painted.raw(entry, row.channel_kind if row is not None else "", self.language(conversation))
