"""A mail provider for tests: the stand-in, or a real Dovecot with the stand-in's SMTP server, run beside the test."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from server.sandbox.mail import Delivered, Fault, MailWorld, Settings
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot
from tests.routes.desk import until

T = TypeVar("T")

ADDRESS = "servicio@coop.example"


class Post:
    """The stand-in in a thread of its own; every control may be used from the test's thread."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.world = MailWorld(settings or Settings(address=ADDRESS))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="post", daemon=True)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def do(self, work: Callable[[], T]) -> T:
        """Call something in the world's own thread."""

        async def call() -> T:
            return work()

        return self.wait(call())

    def __enter__(self) -> Post:
        self._thread.start()
        self.wait(self.world.go_online())
        return self

    def __exit__(self, *_: object) -> None:
        self.wait(self.world.go_offline())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # ---------------------------------------------------------------- what tests do

    def channel(self, **settings: str) -> dict[str, str]:
        """The settings of a channel for this mailbox."""
        own, ports = self.world.settings, self.world.ports
        return {
            "address": own.address,
            "user": own.user,
            "password": own.password,
            "imap_host": "127.0.0.1",
            "imap_port": str(ports.imap),
            "imap_tls": "no",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(ports.smtp),
            "smtp_tls": "no",
            "name": "Cooperativa El Sol",
            **settings,
        }

    def put(self, raw: bytes) -> bytes:
        """A mail comes into the mailbox."""
        return self.do(lambda: self.world.put(raw))

    def write(self, sender: str, **about: Any) -> bytes:
        """Somebody writes to the mailbox (`MailWorld.write`)."""
        return self.do(lambda: self.world.write(sender, **about))

    def reply(self, answered: Delivered, text: str, **about: Any) -> bytes:
        return self.do(lambda: self.world.reply(answered, text, **about))

    def absence(self, answered: Delivered) -> bytes:
        return self.do(lambda: self.world.absence(answered))

    def bounce(self, failed: Delivered, **about: Any) -> bytes:
        return self.do(lambda: self.world.bounce(failed, **about))

    def fault(self, **about: Any) -> Fault:
        fault = Fault(**about)
        self.do(lambda: self.world.faults.add(fault))
        return fault

    def sent(self, count: int) -> list[Delivered]:
        """What went out to the world, once there are so many."""
        until(lambda: len(self.world.state.delivered) >= count, f"{count} mails went out")
        return list(self.world.state.delivered)

    def renumber(self) -> None:
        """A new UIDVALIDITY; open connections end, as they do when a server is restored."""
        self.do(self.world.state.box.renumber)
        self.do(self.world.cut)

    def offline(self) -> None:
        self.wait(self.world.go_offline())

    def online(self) -> None:
        self.wait(self.world.go_online(self.world.ports))

    def flags(self) -> list[set[str]]:
        return self.do(lambda: [mail.flags for mail in self.world.state.box.mails])


class RealPost(Post):
    """The same with a real Dovecot in place of the stand-in's IMAP server."""

    def __init__(self, imap: Dovecot) -> None:
        super().__init__(Settings(address=ADDRESS, user=ADDRESS, password=PASSWORD))
        self._imap = imap

        def into_dovecot(raw: bytes, at: int | None = None) -> bytes:
            imap.deliver(ADDRESS, raw)
            return raw

        self.world.put = into_dovecot  # type: ignore[method-assign]

    def channel(self, **settings: str) -> dict[str, str]:
        return super().channel(**{"imap_port": str(self._imap.port), **settings})

    def renumber(self) -> None:
        self._imap.renumber(ADDRESS)

    def offline(self) -> None:
        super().offline()
        self._imap.stop()

    def online(self) -> None:
        self._imap.start()
        super().online()

    def flags(self) -> list[set[str]]:
        return [set(line.partition("FLAGS (")[2].rstrip(")").split()) for line in self._imap.flags(ADDRESS)]


@contextlib.contextmanager
def real_post() -> Iterator[Post]:
    with dovecot() as imap, RealPost(imap) as post:
        yield post
