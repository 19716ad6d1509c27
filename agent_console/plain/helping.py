"""The console itself: its words, its news, how it stands, and the way out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from agent_console import words
from agent_console.backend import calls
from agent_console.i18n import N_, _, ngettext
from agent_console.plain import unsent, vocabulary
from agent_console.plain.news import When
from agent_console.plain.refusals import Refused
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.plain.desk import Desk

#: seconds that `wait` waits at most, if nothing else is said
WAIT = 60
_ALL: Final = {"all": ("todo", "all")}
_WHEN: Final[dict[str, tuple[str, ...]]] = {
    "now": ("ya", "now", "enseguida"),
    "prompt": ("luego", "prompt"),
    "off": ("no", "off", "callar"),
}
_WHEN_SAID: Final[dict[When, str]] = {
    "now": N_("News is told as soon as nobody is typing."),
    "prompt": N_("News is told before the next prompt."),
    "off": N_("News is told only when an empty line asks for it."),
}
_LINKS: Final = {
    "connecting": N_("connecting"),
    "live": N_("connected"),
    "offline": N_("no connection"),
    "refused": N_("signed out"),
}


class Helping:
    """What is about the console and not about customers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def do_help(self, rest: str) -> None:
        """The words by what they are for; a group of them or one word explained, or all."""
        groups = {group: (_(title), *_(title).split()) for group, title in vocabulary.GROUPS.items()}
        if vocabulary.pick(rest, _ALL):
            self._desk.say(*(each for group in groups for each in self._group(group)))
        elif (group := vocabulary.pick(rest, groups)) is not None and not vocabulary.known(rest.split()[0]):
            self._desk.say(*self._group(group))
        elif rest.strip():
            self._desk.say(*self._about(vocabulary.find(rest.split()[0])))
        else:
            names = {group: ", ".join(word.name for word in vocabulary.WORDS[group]) for group in groups}
            said = _("{help} and a word explains it, and a group all of its words; {help} all: everything.")
            self._desk.say(
                *(f"{groups[group][0]}: {names[group]}." for group in groups),
                said.format(help=vocabulary.BY_ID["help"].name),
                _("The beginning of a word is enough; a number alone opens it; an empty line says what is new."),
            )

    def _group(self, group: str) -> list[str]:
        return [f"{_(vocabulary.GROUPS[group])}:", *(self._short(word) for word in vocabulary.WORDS[group])]

    def _short(self, word: vocabulary.Word) -> str:
        takes = f" {_(word.takes)}" if word.takes else ""
        return f"{word.name}{takes}: {_(word.help)}"

    def _about(self, word: vocabulary.Word) -> list[str]:
        """What it does, what one types, its other names."""
        from agent_console.plain.examples import EXAMPLES  # few ask

        said = [f"{word.name}: {_(word.help)}"]
        if word.id in EXAMPLES:
            said.append(_("For example: {examples}.").format(examples=_(EXAMPLES[word.id])))
        ways = ", ".join(dict.fromkeys((word.es, word.en, *word.also)))
        return [*said, _("Also: {ways}").format(ways=ways)]

    async def do_news(self, rest: str) -> None:
        """When news is told."""
        desk = self._desk
        if rest.strip():
            chosen = vocabulary.pick(rest, _WHEN)
            if chosen is None:
                raise Refused(_("say one of: {choices}").format(choices="ya, luego, no (now, prompt, off)"))
            desk.when = next(each for each in _WHEN_SAID if each == chosen)
        desk.say(_(_WHEN_SAID[desk.when]))

    async def do_bell(self, rest: str) -> None:
        """Whether a bell rings with news."""
        desk = self._desk
        chosen = vocabulary.pick(rest, {"yes": ("sí", "yes", "on"), "no": ("no", "off")})
        if rest.strip() and chosen is None:
            raise Refused(_("say one of: {choices}").format(choices="sí, no (yes, no)"))
        if chosen is not None:
            desk.bell = chosen == "yes"
        desk.say(_("The bell rings with news.") if desk.bell else _("The bell is off."))

    async def do_wait(self, rest: str) -> None:
        """Wait for news."""
        desk = self._desk
        seconds = float(rest) if rest.strip().isdecimal() else WAIT
        try:
            async with asyncio.timeout(seconds):
                await desk.for_news()
        except TimeoutError:
            desk.say(_("Nothing new."))
            return
        desk.tell()

    async def do_status(self, rest: str) -> None:
        """Who, where, and how it stands."""
        desk, session = self._desk, self._desk.session
        me = session.mirror.me
        name = line(me.display_name or me.name, 60) if me is not None else "?"
        desk.say(
            _("{name} at {server}, {link}.").format(
                name=name, server=line(session.api.server, 200), link=_(_LINKS[session.link.state])
            )
        )
        waiting = session.outgoing.waiting
        if waiting:
            text = ngettext("{n} thing waits to be sent.", "{n} things wait to be sent.", waiting)
            desk.say(text.format(n=waiting))
        for conversation in session.outgoing.drafts():
            desk.say(_("A draft is in conversation #{id}.").format(id=conversation))
        for channel in session.channels.in_trouble():
            desk.say(unsent.trouble(channel))
        if session.link.state == "live":
            counts = await desk.send(calls.counts())
            shown = (("mine", counts.mine), ("unassigned", counts.unassigned), ("open", counts.open))
            desk.say(", ".join(f"{words.view(view)} {count}" for view, count in shown) + ".")

    async def do_quit(self, rest: str) -> None:
        """Leave."""
        self._desk.leaving = True
