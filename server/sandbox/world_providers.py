"""The providers of the demo's world: a stand-in for each channel, what goes wrong there, and who is reached."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any, Literal, get_args

import msgspec

from server.sandbox import graph_pages, mail, members_templates, sms, telegram, webhook
from server.sandbox.graph import Customer, Fault, Graph, Received, Settings
from server.sandbox.graph_faults import Faults
from server.sandbox.graph_state import now_ms
from server.sandbox.mail_state import Fault as MailFault
from server.sandbox.members import Line as Channel
from server.sandbox.members import Member
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Line
from server.sandbox.world_mail import Correspondent
from server.sandbox.world_pages import ACCOUNTS, Chatter, Commenter
from server.sandbox.world_partner import AppUser
from server.sandbox.world_phone import Phone
from server.sandbox.world_sms import Texter
from server.sandbox.world_telegram import Chat
from server.sandbox.world_web import Browser

NAME = "Cooperativa Maquilishuat"

#: what goes wrong, all of which must leave no trace: answers lost after the message was taken (where the provider tells
#: later what it took), passing errors, reports backwards and twice. Messages that come twice are the customers' part,
#: slow answers of Graph are `world_http.Slow`'s.
_CUT = Fault(kind="cut", rate=0.02)
_BACKWARDS = Fault(kind="reorder", rate=0.1)
_BUSY = Fault(kind="status", status=429, retry_after=1, rate=0.02)
FAULTS: dict[str, tuple[Fault, ...]] = {
    "whatsapp": (_CUT, Fault(kind="error", code=131000, rate=0.02), _BACKWARDS),
    "messenger": (_CUT, Fault(kind="error", code=2, rate=0.02), _BACKWARDS),
    "instagram": (_CUT, Fault(kind="error", code=2, rate=0.02), _BACKWARDS),
    "telegram": (Fault(kind="error", status=429, retry_after=1, rate=0.05), _BACKWARDS),
    "sms": (_CUT, _BUSY, _BACKWARDS, Fault(kind="duplicate", rate=0.05)),
    "webhook": (_CUT, _BUSY, Fault(kind="duplicate", rate=0.1)),
}
MAIL_FAULTS = (MailFault(kind="temporary", rate=0.03),)

#: `demo --trouble`: two answers are turned away for good, and from then on the account's token is no longer valid (a
#: mailbox's password: there nothing gets as far as being turned away)
TROUBLE: dict[str, tuple[Fault, ...]] = {
    "whatsapp": (Fault(kind="error", code=131026, times=2), Fault(kind="error", code=190)),
    "messenger": (Fault(kind="error", code=551, subcode=1545041, times=2), Fault(kind="error", code=190)),
    "instagram": (Fault(kind="error", code=551, subcode=1545041, times=2), Fault(kind="error", code=190)),
    "telegram": (
        Fault(kind="error", status=403, detail="Forbidden: bot was blocked by the user", times=2),
        Fault(kind="error", status=401, detail="Unauthorized"),
    ),
    "sms": (Fault(kind="error", code=21614, times=2), Fault(kind="error", code=20003)),
    "webhook": (Fault(kind="error", status=400, detail="no such person", times=2), Fault(kind="status", status=401)),
}
MAIL_TROUBLE = (MailFault(kind="login"),)


_Pages = Literal["messenger", "instagram"]


class Providers:
    """The stand-ins. `seed` makes what goes wrong repeatable."""

    def __init__(self, seed: int, ledger: Ledger) -> None:
        self.ledger = ledger
        self.graph = Graph(Settings(verified_name=NAME, sent_after=40, delivered_after=250), seed=seed)
        members_templates.keep(self.graph.state)
        self.pages = {kind: _pages(kind, seed) for kind in get_args(_Pages)}
        self.telegram = telegram.BotApi(telegram.Settings(bot_name=NAME), seed=seed + 3)
        self.sms = sms.Twilio(sms.Settings(friendly_name=NAME, sent_after=40, delivered_after=250), seed=seed + 4)
        self.mail = mail.MailWorld(mail.Settings(keeps_sent=True), seed=seed + 5)
        self.partner = webhook.Partner(webhook.Settings(reports=False), seed=seed + 6)
        self._begin_numbering()
        self._lines: dict[tuple[str, str], Line] = {}
        self._chat_url = ""
        self._telegram_url = self._answers = ""
        self._listen()

    def _begin_numbering(self) -> None:
        """A demo that is gone on with another day must not see numbers of the last time again."""
        now = now_ms()
        self.telegram.state.next_update = self.telegram.state.next_message = now // 100
        self.mail.state.box.validity = now // 1000

    # ---------------------------------------------------------------- running

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """All but WhatsApp's Graph (`world_http` serves it) listen while the block runs, each on a port of its own."""
        async with contextlib.AsyncExitStack() as stack:
            for each in self.pages.values():
                await stack.enter_async_context(graph_pages.serve(each))
            self._telegram_url = await stack.enter_async_context(telegram.serve(self.telegram))
            await stack.enter_async_context(sms.serve(self.sms))
            await stack.enter_async_context(mail.serve(self.mail))
            self._answers = await stack.enter_async_context(webhook.serve(self.partner))
            yield

    def channels(self, graph_url: str) -> dict[str, dict[str, str]]:
        """The settings of a channel of each kind, while they are served."""
        graph, twilio, box = self.graph.settings, self.sms.settings, self.mail.settings
        meta = {
            kind: {
                "page_id" if kind == "messenger" else "account_id": pages.settings.account_id,
                "access_token": pages.settings.access_token,
                "app_secret": pages.settings.app_secret,
                "verify_token": pages.settings.verify_token,
                "graph_url": f"{pages.base}/v26.0",
            }
            for kind, pages in self.pages.items()
        }
        return {
            "whatsapp": {
                "phone_number_id": graph.phone_number_id,
                "business_account_id": graph.business_account_id,
                "access_token": graph.access_token,
                "app_secret": graph.app_secret,
                "verify_token": graph.verify_token,
                "graph_url": graph_url,
            },
            "messenger": meta["messenger"],
            "instagram": meta["instagram"],
            "telegram": {"token": self.telegram.settings.token, "api_url": self._telegram_url},
            "sms": {
                "account_sid": twilio.account_sid,
                "auth_token": twilio.auth_token,
                "number": twilio.number,
                "api_url": self.sms.url,
                "poll": "15",
            },
            "email": {
                "address": box.address,
                "name": NAME,
                "user": box.user,
                "password": box.password,
                "imap_host": "127.0.0.1",
                "imap_port": str(self.mail.ports.imap),
                "imap_tls": "no",
                "smtp_host": "127.0.0.1",
                "smtp_port": str(self.mail.ports.smtp),
                "smtp_tls": "no",
                "plus": "yes",
            },
            "webhook": {"secret": self.partner.settings.secret, "url": self._answers},
        }

    def connect(self, server: str) -> None:
        """Call that server from now on, whose channels are called as their kinds are."""
        for kind, hook in self._hooks().items():
            hook.hook_url = f"{server}/hooks/{kind}"
        self._chat_url = f"{server}/chat/webchat"

    def _hooks(self) -> dict[Channel, Any]:
        return {
            "whatsapp": self.graph.settings,
            "messenger": self.pages["messenger"].settings,
            "instagram": self.pages["instagram"].settings,
            "sms": self.sms.settings,
            "webhook": self.partner.settings,
        }

    @property
    def busy(self) -> bool:
        """Whether anything is on its way from or to anybody."""
        under_way = self.graph.busy + self.telegram.busy + self.sms.busy + self.partner.busy
        under_way += sum(pages.busy for pages in self.pages.values())
        return under_way > 0 or bool(self.telegram.state.updates)

    def doubled(self) -> dict[str, int]:
        """Our references that a provider took more than once, of those that are told ours."""
        found = {**self.graph.state.doubled(), **self.sms.state.doubled()}
        for pages in self.pages.values():
            metadata = {one.ref for one in pages.state.accepted if one.type != "comment"}
            found |= {ref: n for ref, n in pages.state.doubled().items() if ref in metadata}
        return found

    def accepted(self) -> dict[str, int]:
        """How many messages each provider took; not reactions."""
        return {
            "whatsapp": sum(1 for one in self.graph.state.accepted if one.type != "reaction"),
            **{kind: len(pages.state.accepted) for kind, pages in self.pages.items()},
            "telegram": len(self.telegram.state.accepted),
            "sms": len(self.sms.state.accepted),
            "email": len(self.mail.state.delivered),
            "webhook": sum(1 for one in self.partner.by_id.values() if one.type != "reaction"),
        }

    # ---------------------------------------------------------------- what goes wrong

    def faults(self) -> dict[str, Faults]:
        """What goes wrong at each provider, but for mail, where other things do."""
        return {
            "whatsapp": self.graph.faults,
            "messenger": self.pages["messenger"].faults,
            "instagram": self.pages["instagram"].faults,
            "telegram": self.telegram.faults,
            "sms": self.sms.faults,
            "webhook": self.partner.faults,
        }

    def spoil(self) -> None:
        """Let small things go wrong everywhere."""
        for kind, faults in self.faults().items():
            faults.add(*_fresh(FAULTS[kind]))
        self.mail.faults.add(*_fresh(MAIL_FAULTS))

    def trouble(self, kind: str) -> None:
        """Let one channel's provider refuse what is sent. Raises KeyError for one that has none."""
        if kind == "email":
            self.mail.faults.active[:0] = _fresh(MAIL_TROUBLE)
        else:
            self.faults()[kind].active[:0] = _fresh(TROUBLE[kind])

    def mend(self) -> None:
        """From now on all goes well."""
        for faults in self.faults().values():
            faults.clear()
        self.mail.faults.clear()

    # ---------------------------------------------------------------- people

    def line(self, member: Member, rng: random.Random) -> Line:
        """A member's phone, browser or whatever they write with."""
        line = self._line(member, rng)
        self._lines[member.line, member.address.lower()] = line
        return line

    def _line(self, member: Member, rng: random.Random) -> Line:
        match member.line:
            case "whatsapp":
                return Phone(member, self.graph, self.ledger, rng)
            case "messenger" | "instagram":
                made = Commenter if member.public else Chatter
                return made(member, self.pages[member.line], self.ledger, rng)
            case "telegram":
                return Chat(member, self.telegram, self.ledger, rng)
            case "sms":
                return Texter(member, self.sms, self.ledger, rng)
            case "email":
                return Correspondent(member, self.mail, self.ledger, rng)
            case "webchat":
                return Browser(member, self._chat_url, self.ledger, rng)
            case "webhook":
                return AppUser(member, self.partner, self.ledger, rng)

    def _of(self, kind: Channel, *addresses: str) -> Any:
        """Whoever has one of these addresses."""
        return next((line for one in addresses if (line := self._lines.get((kind, one.lower())))), None)

    def _listen(self) -> None:
        """Hand to everybody what reaches them."""

        def on_phone(customer: Customer, received: Received) -> None:
            if line := self._of("whatsapp", customer.phone, customer.user_id):
                line.receive(received)

        self.graph.on_received(on_phone)
        for pages in self.pages.values():
            pages.on_received(self._on_page(pages.settings.kind))
        self.telegram.on_received(lambda chat, received: self._hand("telegram", str(chat.id), received))
        self.sms.on_received(lambda customer, message: self._hand("sms", customer.phone, message))
        self.mail.listeners.append(lambda delivered: self._hand("email", delivered.recipients[0], delivered))
        self.partner.listeners.append(lambda who, received: self._hand("webhook", who, received))

    def _on_page(self, kind: Channel) -> graph_pages.Listener:
        return lambda person, received: self._hand(kind, person.id, received)

    def _hand(self, kind: Channel, address: str, received: Any) -> Any:
        line = self._of(kind, address)
        return None if line is None else line.receive(received)


def _pages(kind: _Pages, seed: int) -> graph_pages.Pages:
    own = graph_pages.Settings(kind=kind, account_id=ACCOUNTS[kind], name=NAME, sent_after=40, delivered_after=250)
    return graph_pages.Pages(own, seed=seed + len(kind))


def _fresh(faults: tuple[Any, ...]) -> list[Any]:
    """Faults count down; these are as good as new."""
    return [msgspec.structs.replace(fault) for fault in faults]
