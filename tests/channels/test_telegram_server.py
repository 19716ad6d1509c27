"""Telegram through a whole server: files, a block in the thread, edits, reactions, groups; and the token nowhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from server.commands.channels import CreateChannel
from server.sandbox.telegram import BotApi, Fault, serve
from server.wire import NewChannel
from tests.channels.telegram_updates import TOKEN
from tests.faults.office import until
from tests.routes.desk import Desk, open_desk

ANA, GROUP = 5037001, -1001234567890


class Line:
    """A desk with a Telegram channel, and the bot's other end."""

    def __init__(self, desk: Desk, bot: BotApi) -> None:
        self.desk = desk
        self.bot = bot

    async def rows(self, sql: str, *params: Any) -> list[Any]:
        return await asyncio.to_thread(self.desk.read, sql, *params)

    async def has(self, sql: str, count: int = 1) -> list[Any]:
        """Wait until a query has so many rows."""

        async def found() -> list[Any]:
            rows = await self.rows(sql)
            return rows if len(rows) >= count else []

        return await until(found, sql, 30)

    async def reply(self, conversation: int, **reply: Any) -> dict[str, Any]:
        def post() -> dict[str, Any]:
            with self.desk.client("advisor") as advisor:
                answer = advisor.post(f"/conversations/{conversation}/replies", json=reply)
                assert answer.is_success, answer.text
                found: dict[str, Any] = answer.json()
                return found

        return await asyncio.to_thread(post)


async def _play(home: Path) -> None:
    bot = BotApi()
    async with serve(bot) as url:
        opened = open_desk(home)
        desk = await asyncio.to_thread(opened.__enter__)
        try:
            settings = {"token": TOKEN, "api_url": url}
            new = CreateChannel(channel=NewChannel(kind="telegram", name="tg", settings=settings))
            await asyncio.to_thread(desk._do, new)
            await _talk(Line(desk, bot))
            await _leak_nothing(Line(desk, bot))
        finally:
            await asyncio.to_thread(opened.__exit__, None, None, None)


async def _talk(line: Line) -> None:
    bot = line.bot
    first = await bot.write(ANA, "buenas", first_name="Ana", language_code="es")
    await bot.write(ANA, "mi recibo", type="photo", message={"media_group_id": "77"})
    await bot.write(ANA, "", type="photo", message={"media_group_id": "77"})
    await bot.edit(ANA, first, "buenos días")
    await line.has("SELECT 1 FROM attachments WHERE state = 'stored'", 2)
    album = await line.rows('SELECT conversation_id FROM messages WHERE data LIKE \'%"album":"77"%\'')
    assert len(album) == 2 and len({row["conversation_id"] for row in album}) == 1
    await line.has("SELECT 1 FROM messages WHERE text = 'buenos días' AND edited_at IS NOT NULL")
    (contact,) = await line.rows("SELECT name, language FROM contacts")
    assert tuple(contact) == ("Ana", "es")

    conversation = int(album[0]["conversation_id"])
    sent = await line.reply(conversation, text="¿En qué le ayudo?")
    (received,) = await bot.next_received(ANA, wait=30)
    await bot.react(ANA, received.id, "👍")
    await line.has("SELECT 1 FROM messages WHERE reactions LIKE '%👍%'")
    await bot.block(ANA)
    await line.has("SELECT 1 FROM messages WHERE kind = 'system' AND data LIKE '%blocked%'")
    late = await line.reply(conversation, text="¿Sigue ahí?")
    (failed,) = await line.has(f"SELECT failure FROM messages WHERE id = {late['id']} AND status = 'failed'")
    assert failed["failure"] == "blocked"
    await line.has(f"SELECT 1 FROM messages WHERE id = {sent['id']} AND status = 'sent'")

    await bot.write(ANA + 1, "hola a todos", chat=GROUP, first_name="Luis")
    (group,) = await line.has("SELECT conversation_id FROM messages WHERE text = 'hola a todos'")
    assert group["conversation_id"] != conversation
    bot.state.chat(GROUP, title="Asociados")
    await line.reply(group["conversation_id"], text="bienvenidos")
    (told,) = await bot.next_received(GROUP, wait=30)
    assert told.text == "bienvenidos"
    assert not bot.state.chat(ANA + 1).received


async def _leak_nothing(line: Line) -> None:
    """Whatever fails, the token is in no row of the store but the sealed one, and in no answer."""
    line.bot.faults.add(
        Fault(kind="cut_before", on="media", times=1),
        Fault(kind="status", on="media", status=500, times=1),
        Fault(kind="cut_before", on="node", times=1),
    )
    await line.bot.write(ANA, "otra", type="document")
    await line.has("SELECT 1 FROM attachments WHERE attempts > 0 AND kind = 'document'")
    for table in ("messages", "attachments", "attempts", "events", "channel_health", "deliveries", "channels"):
        for row in await line.rows(f"SELECT * FROM {table}"):
            assert TOKEN not in " ".join(map(str, tuple(row))), table
    with line.desk.client("admin") as admin:
        for path in ("/channels", "/channels/tg"):
            assert TOKEN not in (await asyncio.to_thread(admin.get, path)).text


@pytest.mark.slow
def test_a_day_at_the_desk(tmp_path: Path) -> None:
    asyncio.run(_play(tmp_path))
