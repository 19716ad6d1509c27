"""Reply templates in the inbox: searched after `;`, previewed for this customer, filled in, inserted, run as macros."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent_console.backend import calls_work
from agent_console.backend.overlay import Macro
from agent_console.backend.templates import Templates, find, find_approved
from agent_console.i18n import _
from agent_console.presentation import templates as painted
from agent_console.safetext import line
from agent_console.screens.inserting import Inserting, UnreadableMoment, macro_of
from agent_console.screens.notices import LONG
from agent_console.screens.standing import name_of
from agent_console.screens.template_preview import Preview
from agent_console.widgets.template_drawer import Entry, TemplateDrawer
from server import wire

if TYPE_CHECKING:
    from textual import events

    from agent_console.screens.inbox import Inbox
    from agent_console.widgets.write_box import WriteBox

#: what is typed for a template: a word after `;`; all of the line if the drawer was asked for
_TYPED = re.compile(r"(?:^|(?<=\s));([\w.-]*)$")
_KEYS = frozenset(("up", "down", "escape", "space", "enter", "tab"))
_ASKED = re.compile(r"(?:^|(?<=\s));([^;]*)$")


class Templating:
    """The templates of an inbox, and the helper that shows them while one writes."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self.templates = Templates(inbox.session.api)
        self._drawer = TemplateDrawer(self._preview, self._ended, lambda: inbox.composer.region.y, id="templates")
        self._asked = self._quiet = self._moved = False
        #: what stands in the text for the template being chosen, and where
        self._word = self._seen = ""
        self._conversation: int | None = None
        self._values: dict[str, str] = {}
        self._text = Preview(inbox.session, self._drawer)
        self._inserting = Inserting(inbox, self.templates)
        self._putting = False

    def do_templates(self) -> None:
        """Choose a template for the conversation one is at."""
        inbox = self._inbox
        if not inbox.composer.writing or inbox.composer.note:
            inbox.writing.begin(note=False)
        if inbox.composer.conversation is None:
            return
        self._asked, self._quiet = True, False
        before = self._box.before
        self._box.put(";" if not before or before[-1].isspace() else " ;")
        self.typed(self._box.before)

    def names_changed(self, kinds: set[str]) -> None:
        """The journal told of other templates; or everything is loaded anew."""
        if "templates" in kinds:
            self.templates.stale()
            self._text.forget()
            if self._choosing:
                self._load()

    @property
    def _box(self) -> WriteBox:
        return self._inbox.composer.prepare()

    @property
    def _choosing(self) -> bool:
        return self._drawer.display and self._drawer.stage == "choose"

    # ------------------------------------------------------------ while one writes

    def typed(self, before: str) -> None:
        """Show what fits the word after `;`, put it away when there is none."""
        self._seen = before
        if self._drawer.display and not self._choosing:
            return
        composer = self._inbox.composer
        match = self._searched(before)
        if match is None or composer.note or not composer.writing:
            self._asked = self._quiet = False
            self._hide()
            return
        if self._quiet:
            return
        self._word, self._conversation = match[0], composer.conversation
        if not self.templates.fresh:
            self._load()
        if self.templates.loaded:
            self._show(match[1])

    def _searched(self, before: str) -> re.Match[str] | None:
        """What stands before the cursor for a template."""
        return (_ASKED if self._asked else _TYPED).search(before)

    def takes(self, event: events.Key) -> bool:
        """The keys of the drawer while one chooses, and those that come before it has got them itself."""
        key = event.key
        if self._drawer.display and not self._choosing:
            self._drawer.press(event)
            return True
        if key in _KEYS and self._box.before != self._seen:
            self.typed(self._box.before)  # keys may come faster than what they typed is told of
        if not self._choosing:
            coming = key in ("enter", "tab") and not self.templates.loaded and self._searched(self._box.before)
            if not coming or self._quiet or self._inbox.composer.note:
                return False
            self._inbox.background(self._take_when_known(key))
            return True
        return self._take(key)

    def _take(self, key: str) -> bool:
        """A key of the drawer while one chooses; False if it is none."""
        drawer = self._drawer
        if key in ("up", "down"):
            self._moved = True
            drawer.move(1 if key == "down" else -1)
            self._preview()
        elif key == "escape":
            self._leave()
        elif key == "space":
            exact = self.templates.by_shortcut(drawer.typed)
            if exact is None:
                return False
            self._pick(exact)
        elif key in ("enter", "tab"):
            if drawer.entry is None or not (drawer.typed or self._asked or self._moved):
                self._leave()
                return False
            self._pick(self.templates.by_shortcut(drawer.typed) or drawer.entry if not self._moved else drawer.entry)
        else:
            return False
        return True

    async def _take_when_known(self, key: str) -> None:
        """One was typed and taken before any was known."""
        with self._inbox.console.gate.hold():
            try:
                await self.templates.load()
            finally:
                self.typed(self._box.before)
                if not (self._choosing and self._take(key)) and key == "enter" and not self._asked:
                    self._box.put("\n")

    def _show(self, typed: str) -> None:
        found = self._found(typed)
        if not found and not self._asked:
            self._hide()
            return
        drawer = self._drawer
        rising = not drawer.display
        if rising:
            self._moved = False
            self._text.forget()  # the customer may be known better by now
        drawer.note = self._closed_note()
        drawer.empty = _("No template has that in it.") if typed else self._none()
        drawer.whose = name_of(self._session.mirror, self._conversation)
        drawer.wrong = ""
        self._inbox.over.show(drawer)
        drawer.show(typed, found)
        self._preview()
        if rising:
            self._inbox.sync_bars()

    def _found(self, typed: str) -> Sequence[Entry]:
        row = self._session.mirror.row(self._conversation or 0)
        if row is None or not self._window_closed:
            return find(self.templates.all, typed)
        return find_approved(self.templates.approved, typed, row.channel, self._text.language(row.id))

    @property
    def _window_closed(self) -> bool:
        left, can = self._inbox.composer.limits().window_left, self._inbox.composer.can
        return left is not None and left <= 0 and can.templates

    def _closed_note(self) -> str:
        return _("The window is closed: only approved templates can be sent.") if self._window_closed else ""

    def _none(self) -> str:
        if self._window_closed:
            return _("No approved template is known for this channel.")
        return _("There are no templates yet: agent-console template import brings some.")

    def _load(self) -> None:
        async def load() -> None:
            await self.templates.load()
            if self._inbox.composer.writing:
                self.typed(self._box.before)

        self._inbox.background(load())

    def _hide(self) -> None:
        if self._choosing:
            self._drawer.sink()
            self._inbox.sync_bars()

    def _leave(self) -> None:
        """Not a template after all; what was put there to search is taken away again."""
        self._hide()
        self._quiet = True
        if self._asked:
            self._box.swap(self._word, "")
            self._asked = False

    # ------------------------------------------------------------ what it will say

    def _preview(self) -> None:
        if self._drawer.entry is not None:
            self._text.show(self._conversation or 0, self._given())

    def _given(self) -> dict[str, str]:
        """What is filled in so far, by field; what cannot be read is left out."""
        if self._drawer.stage == "choose":
            return {}
        pairs = zip(self._drawer.fields, self._drawer.values, strict=True)
        read = {field.name: painted.answer(field, typed, self._inbox.now())[0] for field, typed in pairs}
        return {name: value for name, value in read.items() if value} if self._drawer.stage == "fill" else self._values

    # ------------------------------------------------------------ taking one

    def _pick(self, entry: Entry) -> None:
        if isinstance(entry, wire.ApprovedTemplate):
            if entry.lacks:
                self._drawer.complain(f"{line(entry.name, 60)}: {painted.lacks(entry)}")
                return
            fields = painted.fields_of(entry, _first_name(self._session.mirror.row(self._conversation or 0)))
        else:
            fields = entry.fields
        self._drawer.found, self._drawer.chosen = [entry], 0
        self._values = {}
        if fields:
            self._drawer.fill(line(entry.name, 60), fields)
            self._inbox.over.raise_(self._drawer)
            self._preview()
        else:
            self._filled(entry)

    def _filled(self, entry: Entry) -> None:
        """Nothing more to ask: insert it, or show what will happen first."""
        drawer, does = self._drawer, ""
        if isinstance(entry, wire.ReplyTemplate):
            if not entry.acts:
                self._insert(entry)
                return
            does = _("It will: {acts}").format(acts=painted.acts(entry.acts))
        if not drawer.display or drawer.stage == "choose":
            self._inbox.over.raise_(drawer)
        if drawer.stage == "fill" and isinstance(entry, wire.ApprovedTemplate):
            self._send_approved(entry)
            return
        drawer.look_at(
            line(entry.name, 60), does, can_edit=isinstance(entry, wire.ReplyTemplate) and bool(entry.variants)
        )
        self._preview()

    def _ended(self, how: str) -> None:
        """Fields or a look were ended: taken, to be edited first, or left."""
        entry, drawer = self._drawer.entry, self._drawer
        if how == "leave" or entry is None:
            self._close()
            self._leave()
        elif drawer.stage == "fill":
            if self._take_values():
                self._filled(entry)
        elif isinstance(entry, wire.ApprovedTemplate):
            self._send_approved(entry)
        else:
            self._insert(entry, send=how == "take")

    def _take_values(self) -> bool:
        """Read the fields; False if one of them is wrong, which is said."""
        values: dict[str, str] = {}
        for n, (field, typed) in enumerate(zip(self._drawer.fields, self._drawer.values, strict=True)):
            value, wrong = painted.answer(field, typed, self._inbox.now())
            if wrong:
                self._drawer.complain(wrong, n)
                return False
            values[field.name] = value
        self._values = values
        return True

    def _close(self) -> None:
        self._text.stop()
        self._inbox.over.close(self._box)
        self._drawer.stage = "choose"
        self._inbox.sync_bars()

    # ------------------------------------------------------------ inserting

    def _insert(self, entry: wire.ReplyTemplate, send: bool = False) -> None:
        if self._putting:
            return
        try:
            macro = macro_of(entry, self._inbox.now())
        except UnreadableMoment as error:
            self._drawer.complain(_("No moment to come: {text}").format(text=line(str(error), 40)))
            return
        self._inbox.background(self._fetch_and_put(entry, macro, send))

    async def _fetch_and_put(self, entry: wire.ReplyTemplate, macro: Macro, send: bool) -> None:
        """Once, and before what is typed meanwhile."""
        self._putting = True
        try:
            with self._inbox.console.gate.hold():
                await self._put(entry, macro, send)
        finally:
            self._putting = False

    async def _put(self, entry: wire.ReplyTemplate, macro: Macro, send: bool) -> None:
        conversation, word, values = self._conversation, self._word, dict(self._values)
        said = wire.RenderedTemplate(text="")
        if entry.variants:
            said = await self._text.render(entry, conversation or 0, values)
        files: Sequence[wire.Attachment] = ()
        if entry.files and self._inbox.composer.can.media:
            files = (await self._session.api.send(calls_work.take_template_files(entry.id))).items
        if self._drawer.display:
            self._close()
        if self._inbox.composer.conversation != conversation:
            self._inbox.say(_("Another conversation is open by now; nothing was inserted."), "warn", LONG)
            return
        self._asked = self._quiet = False
        self._inserting.put(entry, macro, said, files, word=word, send=send)

    def _send_approved(self, entry: wire.ApprovedTemplate) -> None:
        conversation, seen_seq = self._conversation, self._inbox.writing.seen_seq
        self._close()
        if conversation is not None and conversation == self._inbox.composer.conversation:
            self._asked = False
            self._inserting.send_approved(entry, conversation, self._values, seen_seq, self._word)


def _first_name(row: wire.ConversationRow | None) -> str:
    """What a customer is called, where their name has such a word in front."""
    names = line(row.contact_name, 60).split() if row is not None else []
    return names[0].capitalize() if names and names[0].isalpha() else ""
