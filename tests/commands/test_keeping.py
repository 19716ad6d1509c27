"""Raw calls are kept for a while; those that files lie in are kept for good."""

from __future__ import annotations

from server import wire
from server.channels.email import Email
from server.commands.channels import CreateChannel
from server.commands.door import SYSTEM
from server.commands.receive import Receive
from server.commands.timekeeping import KEEP_DELIVERIES, ForgetOld
from tests.commands.office import HOUR, Office


def test_raw_mails_stay(office: Office) -> None:
    settings = {"address": "s@coop.example", "user": "s", "password": "p", "imap_host": "i", "smtp_host": "o"}
    assert Email.embeds
    mail = office.do(office.root, CreateChannel(channel=wire.NewChannel(kind="email", name="mail", settings=settings)))

    def take(channel: int, n: int) -> None:
        office.do(SYSTEM, Receive(channel_id=channel, body=f"{channel} {n}".encode(), facts=[], received_at=office.now))

    def kept() -> list[str]:
        rows = office.store.read_now(lambda read: read.all("SELECT body FROM deliveries ORDER BY id"))
        return [bytes(row["body"]).decode() for row in rows]

    for n in range(3):
        take(office.channel, n)
        take(mail.id, n)
    office.now += KEEP_DELIVERIES - HOUR
    take(office.channel, 3)
    assert not office.do(SYSTEM, ForgetOld(limit=2)).more
    office.now += 2 * HOUR
    after, looks = 0, 0
    while (done := office.do(SYSTEM, ForgetOld(after=after, limit=2))).more:
        after, looks = done.last, looks + 1
    assert looks == 3  # two at a time, each once
    assert kept() == [f"{mail.id} 0", f"{mail.id} 1", f"{mail.id} 2", f"{office.channel} 3"]
    assert not office.do(SYSTEM, ForgetOld(after=after)).more
