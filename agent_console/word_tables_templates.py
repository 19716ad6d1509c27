"""What is wrong with a reply template, and why one cannot be filled in; see `agent_console.word_tables`."""

from __future__ import annotations

from typing import Final

from agent_console.i18n import N_

#: What is wrong with a reply template (`server.wire.TemplateFault.code`; `why` in a bad_template problem).
TEMPLATE_FAULTS: Final = {
    "bad_name": N_("{what} cannot be its name: words of letters and digits, divided by dots."),
    "empty": N_("It has neither a text nor an act."),
    "too_many": N_("It has more than {what} parts of one kind."),
    "bad_field": N_("{what} cannot be a field's name, or is there twice."),
    "no_choices": N_("The field {what} has nothing to choose from."),
    "same_variant": N_("Two texts are for the same channel and language: {what}"),
    "syntax": N_("Line {line}: {what}"),
    "too_long": N_("A text has more than {what} characters."),
    "not_allowed": N_("Line {line}: {what} is not possible in a template."),
    "unknown_name": N_("Line {line}: nothing is called {what}."),
    "unknown_filter": N_("Line {line}: there is no filter {what}."),
    "unknown_field": N_("Line {line}: it asks for {what}, which is not among its fields."),
}

#: Why a template cannot be filled in (`server.desk.templates.CannotRender.why`; `why` in a cannot_render problem),
#: where it is not one of the faults above.
RENDER_FAULTS: Final = {
    "no_value": N_("The template cannot do without {what}, of which nothing is known here."),
    "no_number": N_("The template needs a number here, and “{what}” is none."),
    "no_day": N_("The template needs a day here, like 2026-11-01, and “{what}” is none."),
    "no_time": N_("The template needs a time here, and “{what}” is none."),
    "no_sum": N_("The template cannot work this out: {what}"),
}
