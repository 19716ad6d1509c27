"""Reply templates: texts with variables, variants, fields to be asked for, files and acts."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET

from server.wire.base import Followed, Model, Scope
from server.wire.conversations import Attachment, Reply

__all__ = [
    "ApprovedTemplate",
    "AskField",
    "MacroAct",
    "NewTemplate",
    "RenderTemplate",
    "RenderedTemplate",
    "ReplyTemplate",
    "RunMacro",
    "TemplateFault",
    "TemplateFiles",
    "Variant",
]


class Variant(Model, kw_only=True):
    """The text for one kind of channel and one language; empty: for any."""

    text: str
    channel: str = ""
    language: str = ""


class AskField(Model, kw_only=True):
    """What the advisor is asked for before the text is inserted; the template writes it as {{ ask.NAME }}.

    `kind`: text, choice (of `choices`), date (YYYY-MM-DD), amount (money) or number.
    """

    name: str
    label: str = ""
    kind: Literal["text", "choice", "date", "amount", "number"] = "text"
    choices: list[str] = []
    default: str = ""
    required: bool = True


class MacroAct(Model, kw_only=True):
    """What happens with the conversation once the text is sent; `value`: the tag, the user, the team, the priority,
    the moment in words (snooze), the outcome (resolve) or the note's text."""

    do: Literal["tag", "untag", "assign", "team", "priority", "snooze", "resolve", "note"]
    value: str = ""


class TemplateFault(Model, kw_only=True):
    """What is wrong in the `variant`-th text (from 0), or elsewhere (-1). Codes: see `server.desk.templates`."""

    code: str
    what: str = ""
    line: int = 1
    variant: int = -1


class NewTemplate(Model, kw_only=True):
    """A template as it is written.

    `name`: words divided by dots, like cred.requisitos; what stands before the last dot is its folder. `shortcut`:
    typed after `;` to insert it at once. `scope`: user (one's own), team (of `team`) or all.
    """

    name: str
    title: str = ""
    shortcut: str = ""
    scope: Scope = "user"
    team: str | None = None
    variants: list[Variant] = []
    fields: list[AskField] = []
    acts: list[MacroAct] = []


class ReplyTemplate(Model, kw_only=True):
    """A template as it is kept. `uses`: how often it was sent."""

    id: int
    name: str
    title: str = ""
    shortcut: str = ""
    scope: Scope = "user"
    team: str | None = None
    variants: list[Variant] = []
    fields: list[AskField] = []
    acts: list[MacroAct] = []
    files: list[Attachment] = []
    uses: int = 0
    last_used_at: int | None = None
    updated_at: int = 0
    followed: Followed = UNSET


class TemplateFiles(Model, kw_only=True):
    """The uploaded files that go with a template."""

    files: list[int] = []


class RenderTemplate(Model, kw_only=True):
    """Render for a conversation, with what the advisor answered to its fields, by name."""

    conversation: int
    answers: dict[str, str] = {}


class RenderedTemplate(Model, kw_only=True):
    """What it says there. `missing`: names it had no value for; `limit`: the channel's, if the text is longer."""

    text: str
    missing: list[str] = []
    limit: int | None = None
    variant: int = 0


class RunMacro(Model, kw_only=True):
    """Send a template's text and do its acts, all or nothing.

    `text` goes instead of the template's, as the advisor edited it; empty: nothing is sent. `reply`: the whole answer
    as the advisor made it, with what goes along; then `text`, `seen_seq` and `hold_ms` are not looked at. `moments`:
    for each snooze among the acts, the moment that its words say (UTC ms). `anyway`: resolve also with something
    missing that the team's protocol asks for.
    """

    template: int
    text: str | None = None
    reply: Reply | None = None
    answers: dict[str, str] = {}
    seen_seq: int | None = None
    hold_ms: int = 0
    moments: list[int] = []
    anyway: bool = False


class ApprovedTemplate(Model, kw_only=True):
    """A template that the provider approved (or not yet: `status`) for messages outside the reply window.

    `body`: its text with {{1}} …; `parameters`: how many there are to fill; `header_parameters`: in the header.
    `names`: what those of header and body are called, where they have names and not numbers. `links`: which of its
    buttons have an address whose ending is to be filled in. `lacks`: why it cannot be sent from here, empty if it can:
    `file` (its header is a file or a place), `kind` (one-time codes, catalogues, forms …).
    """

    channel: str
    name: str
    language: str
    status: str = ""
    category: str = ""
    body: str = ""
    parameters: int = 0
    header: str = ""
    footer: str = ""
    header_parameters: int = 0
    names: list[str] = []
    links: list[int] = []
    lacks: str = ""
