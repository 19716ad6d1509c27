"""What the server says of what it cannot accept, where it says more than a code (`invalid`): its own English sentences,
so that the reader gets them in their language; see `agent_console.words`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_

INVALID: Final = (
    N_("a callback is the only reminder with a number"),
    N_("a channel's name is 1 to 40 of a-z 0-9 _ - and begins with a-z 0-9"),
    N_("a contact cannot be merged with itself"),
    N_("a contact has a name"),
    N_("a conversation cannot be merged with itself"),
    N_("a hook's name is 1 to 40 of a-z 0-9 _ - and begins with a-z 0-9"),
    N_("a language looks like es or pt-BR"),
    N_("a number this large is written as text"),
    N_("a reminder is a person's or a team's"),
    N_("a reminder is done or cancelled, not both"),
    N_("a sign-in name is 1 to 64 of a-z 0-9 . _ - and begins with a-z 0-9"),
    N_("a team's name is 1 to 80 characters in one line"),
    N_("a template goes alone, on a channel that has templates"),
    N_("a view has a name"),
    N_("an approved template cannot be changed"),
    N_("an attribute's name neither is empty nor begins or ends with a space"),
    N_("either name or rule"),
    N_("language is es or en"),
    N_("messages of this conversation cannot be hidden or deleted"),
    N_("new_days is 0 to 366, left at least 1"),
    N_("not a cursor of this list"),
    N_("only a call that nobody answered is tried again"),
    N_("only a public message can be answered in private"),
    N_("this channel has no copies"),
    N_("this channel has no reactions"),
    N_("this channel has no subjects"),
    N_("what is noted of a customer is one line of text"),
)
