"""Rows, messages and edges as text: what is said where, and that it fits whatever comes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment

from agent_console import i18n
from agent_console.actions import footer_of
from agent_console.backend.changes import Line
from agent_console.presentation import bars, composer, customer, header, media, messages, palette, rows, sla
from agent_console.presentation.look import Look, channel_code
from agent_console.presentation.times import age, ago, promise
from agent_console.safetext import cells
from server import wire
from tests.console import hostile, sample

LOOK = Look.of(palette.DARK)
HOSTILE = st.sampled_from([text[:200] for text in hostile.ALL])


def text_of(segments: list[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def line_of(row: wire.ConversationRow, **more: object) -> Line:
    seen = row.seen if isinstance(row.seen, int) else 0
    fields: dict[str, object] = {"unread": row.inbound - seen, **more}
    return Line(row, 1, **fields)  # type: ignore[arg-type]


def one(row: wire.ConversationRow, width: int = 80, people: bool = False, **more: object) -> str:
    draft = str(more.pop("draft", ""))
    return text_of(rows.one_line(shown(line_of(row, **more), people, draft), LOOK, width))


def shown(line: Line, people: bool = False, draft: str = "") -> rows.Shown:
    sign = sla.sign(line.row.sla, line.row.state, sample.NOW)
    return rows.Shown(line, sign, "3 min", "ana", people, draft=draft)


def rows_by_name() -> dict[str, wire.ConversationRow]:
    return {row.contact_name: row for row in sample.rows()}


# ---------------------------------------------------------------- rows


def test_a_row_says_clock_channel_name_words_and_unread() -> None:
    shown = one(rows_by_name()["María Ramos"])
    assert shown.startswith(" ▲-02:14 WA ● María Ramos ")
    assert "no me deja entrar a la app" in shown
    assert shown.endswith("  3 ")


def test_what_is_cut_ends_in_one_ellipsis() -> None:
    row = msgspec.structs.replace(sample.rows()[0], failed=True)
    assert all("……" not in one(row, width, people=True) for width in range(40, 120))


def test_a_row_is_as_wide_as_asked() -> None:
    for row in [*sample.rows(), *sample.team_rows()]:
        for width in (40, 64, 80, 100, 160):
            assert cells(one(row, width, people=True)) == width
            for part in rows.two_lines(shown(line_of(row), people=True), LOOK, width):
                assert cells(text_of(part)) == width


@settings(max_examples=300)
@given(HOSTILE, HOSTILE, st.integers(30, 200), st.booleans(), st.sampled_from(["in", "out", "note"]))
def test_no_text_breaks_a_row(name: str, said: str, width: int, people: bool, direction: wire.Direction) -> None:
    row = sample.row(1, name, "whatsapp", said, preview_direction=direction, preview_author=said, assignee=name)
    shown = one(row, width, people=people)
    assert cells(shown) == width
    assert not any(ord(char) in hostile.FORBIDDEN for char in shown)


def test_the_most_pressing_mark_wins() -> None:
    row = rows_by_name()["María Ramos"]
    assert rows.mark(line_of(row), LOOK)[0] == "●"
    assert rows.mark(line_of(row, viewing=("luis",)), LOOK)[0] == "◉"
    assert rows.mark(line_of(row, viewing=("luis",), customer_typing=True), LOOK)[0] == "✎"
    failed = msgspec.structs.replace(row, failed=True)
    assert rows.mark(line_of(failed, customer_typing=True), LOOK)[0] == "✗"
    assert rows.mark(line_of(msgspec.structs.replace(row, state="bot"), unread=0), LOOK)[0] == "◌"
    assert rows.mark(line_of(msgspec.structs.replace(row, state="waiting"), unread=0), LOOK)[0] == "…"


def test_who_spoke_last() -> None:
    by_name = rows_by_name()
    assert "You: le llamo el jueves" in one(by_name["Carlos Umaña"])
    colleague = msgspec.structs.replace(by_name["Carlos Umaña"], preview_author="luis")
    assert "luis: le llamo" in one(colleague)
    note = msgspec.structs.replace(by_name["Carlos Umaña"], preview_direction="note")
    assert "note: le llamo" in one(note)
    assert "not sent · R try again" in one(by_name["Lidia Portillo"])
    assert "▣ photo · «esta es la boleta»" in one(by_name["Don Neto"])


def test_who_is_there_goes_before_what_was_said() -> None:
    row = rows_by_name()["José Ángel Mejía"]
    assert "is typing…" in one(row, customer_typing=True)
    assert "luis is answering…" in one(row, typing=("luis",))


def test_what_one_began_to_write_shows_in_the_row() -> None:
    row = rows_by_name()["José Ángel Mejía"]
    assert "draft: casi listo" in one(row, draft="casi\nlisto")
    assert "is typing…" in one(row, draft="casi", customer_typing=True)


def test_a_row_that_left_says_where_it_went() -> None:
    row = rows_by_name()["Don Neto"]
    resolved = msgspec.structs.replace(row, state="resolved", sla=None)
    assert "✓ resolved" in one(resolved, gone=True)
    taken = msgspec.structs.replace(row, assignee="luis")
    assert "→ luis" in one(taken, gone=True)


def test_whose_it_is_shows_where_it_matters() -> None:
    row = sample.team_rows()[1]
    assert "luis" in one(row, 100, people=True)
    assert "luis" not in one(row, 100, people=False)


def test_many_unread() -> None:
    row = msgspec.structs.replace(sample.rows()[0], inbound=500, seen=0)
    assert one(row).endswith("99+ ")


def test_every_channel_has_its_letters() -> None:
    assert [channel_code(kind) for kind in ("whatsapp", "messenger", "instagram", "telegram")] == [
        "WA",
        "FB",
        "IG",
        "TG",
    ]
    assert [channel_code(kind) for kind in ("sms", "email", "webchat", "webhook")] == ["SM", "EM", "WC", "WH"]
    assert channel_code("matrix") == "MA"
    assert channel_code("") == "??"


# ---------------------------------------------------------------- messages


def said(message: wire.Message, width: int = 80, now: int = sample.NOW, **more: object) -> list[str]:
    quoted = more.get("quoted")
    fate = messages.fate(message, now, "whatsapp")
    setting = messages.Setting(quoted=quoted if isinstance(quoted, wire.Message) else None)
    lines = messages.lines(message, fate, LOOK, width, "ana", setting)
    return [text_of(segments) for segments in lines]


def test_what_the_customer_said() -> None:
    assert said(sample.message(1, "in", "buenos días", sample.at(9, 31))) == ["  9:31  buenos días"]


@pytest.mark.parametrize(
    ("status", "tail"),
    [
        ("queued", "◦ waiting to be sent"),
        ("sending", "→ sending"),
        ("sent", "✓ sent"),
        ("delivered", "✓✓ delivered"),
        ("read", "✓✓ read"),
        ("played", "✓✓ played"),
        ("cancelled", "taken back"),
    ],
)
def test_the_fate_of_an_answer(status: wire.Status, tail: str) -> None:
    shown = said(sample.message(1, "out", "Ya reviso.", sample.at(9, 34), status=status))
    assert shown[0].startswith("  9:34        You: Ya reviso.")
    assert shown[0].endswith(tail)
    assert cells(shown[0]) == 79


def test_a_held_reply_counts_down() -> None:
    message = sample.message(1, "out", "Ya", sample.NOW, status="queued", send_at=sample.NOW + 5_000)
    assert "leaves in 5 s" in said(message)[0]
    assert "leaves in 1 s" in said(message, now=sample.NOW + 4_001)[0]
    assert "waiting to be sent" in said(message, now=sample.NOW + 5_000)[0]
    assert messages.held([message], sample.NOW)
    assert not messages.held([message], sample.NOW + 7_000)


def test_a_failure_says_why_and_what_to_do() -> None:
    shown = said(sample.message(1, "out", "Hola", sample.NOW, status="failed", failure="window_closed"))
    assert shown[0].endswith("✗ not sent")
    told = " ".join(part.strip() for part in shown[1:])
    assert "WhatsApp did not accept the message" in told
    assert told.endswith("R try again")


def test_an_unknown_fate_asks_for_a_decision() -> None:
    shown = said(sample.message(1, "out", "Hola", sample.NOW, status="unknown"))
    assert "u decide" in shown[-1]


def test_notes_quotes_edits_deletions_and_reactions() -> None:
    by_id = {message.id: message for message in sample.messages()}
    assert said(by_id[8]) == ["  9:36  ┃ note (Luis): ya se validó identidad con DUI el martes"]
    assert said(by_id[9], quoted=by_id[7])[0] == "  9:37  │ You: Buenos días, María. Ya reviso su usuario."
    assert said(by_id[9])[0].endswith("│ in answer to an earlier message")
    assert said(by_id[13]) == ["  9:41  sigue igual · edited"]
    assert said(by_id[14])[1].strip() == "✗ deleted by its sender · 9:42"
    assert said(by_id[3])[1].strip() == "↳ ❤"


def test_what_is_not_text_is_described() -> None:
    by_id = {message.id: message for message in sample.messages()}
    assert said(by_id[6]) == ["  9:32  ▣ photo · captura.png · 84.2 kB", "        así me sale"]
    assert said(by_id[10]) == ["  9:38  ♪ voice note · 21.8 kB · on its way"]
    assert said(by_id[11])[0] == "  9:39  ◎ location · Agencia San Miguel Centro · 13.48333, -88.18333"
    assert media.describe("contacts", {"contacts": [{"name": {"formatted_name": "Luis"}}]}, []) == [
        "☰ contact card · Luis"
    ]
    assert "does not hand over" in media.describe("unsupported", {}, [])[0]
    assert "does not know" in media.describe("hologram", {}, [])[0]
    assert media.describe("text", {}, []) == []


@settings(max_examples=300)
@given(
    HOSTILE,
    HOSTILE,
    st.sampled_from(["in", "out", "note"]),
    st.integers(30, 160),
    st.sampled_from(["text", "image", "x"]),
)
def test_no_message_breaks_the_thread(text: str, name: str, direction: wire.Direction, width: int, kind: str) -> None:
    file = wire.Attachment(id=1, kind=kind, file_name=text, mime=text, size=1, state="failed")
    message = sample.message(
        1, direction, text, sample.NOW, kind=kind, author_name=name, author=name, via=name, reply_to=2,
        attachments=[file], reactions={name: text}, edited_at=sample.NOW, data={"name": text},
    )  # fmt: skip
    for shown in said(message, width, quoted=sample.message(2, "in", text, sample.NOW)):
        assert cells(shown) <= width
        assert not any(ord(char) in hostile.FORBIDDEN for char in shown)


# ---------------------------------------------------------------- times


def test_times() -> None:
    assert [age(0), age(5 * sample.MINUTE), age(3 * sample.HOUR), age(49 * sample.HOUR)] == [
        "now",
        "5 min",
        "3 h",
        "2 d",
    ]
    assert [ago(3_000), ago(2 * sample.MINUTE)] == ["now", "2 min ago"]
    ways, tone = promise(sample.due_in(-134_000), sample.NOW)
    assert (ways[0], tone) == ("1st reply ▲ 2 min ago (9:42)", "breach")
    assert promise(None, sample.NOW) == ([], "none")


def test_times_in_spanish() -> None:
    i18n.set_language("es")
    ways, _tone = promise(sample.due_in(-134_000), sample.NOW)
    assert ways[0] == "1ª respuesta ▲ hace 2 min (9:42)"


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_top_bar_fits_and_names_the_view_shown(width: int) -> None:
    counts = wire.Counts(mine=7, unassigned=12, open=31, waiting=9)
    for view in bars.VIEWS:
        bar = bars.top_bar(counts, bars.Shown(view), bars.Urgent(2, 3, 1), "ana", LOOK, width)
        shown = text_of(bar.segments)
        assert cells(shown) == width
        assert "▲ 2" in shown and "! 3" in shown
        spot = next(spot for spot in bar.spots if spot.name == f"view_{view}")
        assert shown[spot.start : spot.end].strip() == shown[spot.start : spot.end] != ""


def test_the_footer_keeps_the_help_at_any_width() -> None:
    for width in (30, 40, 80, 120):
        bar = bars.footer(footer_of("list"), LOOK, width)
        assert cells(text_of(bar.segments).rstrip()) <= width
        assert bar.spots[-1].name == "help"
        for spot in bar.spots:
            assert bars.spot_at(bar.spots, spot.start) == spot.name


def test_the_connection_says_since_when_and_what_waits() -> None:
    assert bars.link_text("", 0) == ""
    assert bars.link_text("9:46", 2) == "no connection since 9:46, 2 replies wait"
    assert bars.link_text("9:46", 1) == "no connection since 9:46, 1 reply waits"
    i18n.set_language("es")
    assert bars.link_text("9:46", 2) == "sin conexión desde 9:46, 2 respuestas esperan"


def test_an_empty_list_says_where_there_is_work() -> None:
    counts = wire.Counts(unassigned=12)
    assert bars.empty_list("mine", counts, False) == ["All answered.", "Unassigned: 12 (2)"]
    assert bars.empty_list("mine", counts, True) == ["loading…"]


def about(row: wire.ConversationRow) -> wire.Conversation:
    return sample.conversation(row)


@pytest.mark.parametrize("width", [40, 52, 80, 120])
def test_the_header_fits(width: int) -> None:
    for row in sample.rows():
        line = line_of(row, viewing=("luis", "rosa"), typing=("rosa",), customer_typing=True)
        for segments in header.thread_header(line, about(row), sample.NOW, LOOK, width, "ana"):
            assert cells(text_of(segments)) == width


def test_the_header_says_who_is_here() -> None:
    row = sample.rows()[0]
    line = line_of(row, viewing=("luis",), customer_typing=True)
    first, second = (text_of(each) for each in header.thread_header(line, about(row), sample.NOW, LOOK, 100, "ana"))
    assert "María Ramos · WhatsApp · San Miguel" in first
    assert "1st reply ▲ 2 min ago (9:42)" in first
    assert "◉ luis" in second and "✎ the customer is typing" in second and "yours" in second


def test_the_composer_says_what_limits_it() -> None:
    by_name = rows_by_name()
    caps = wire.Capabilities(text_limit=100)
    open_row, closed_row = line_of(by_name["María Ramos"]), line_of(by_name["Lidia Portillo"])
    fine = composer.limits(open_row, caps, sample.NOW, False, "x" * 20)
    assert fine.blocked == ""
    assert "window 22 h" in text_of(composer.head(open_row, fine, False, 20, LOOK, 80))
    assert "20 / 100" in text_of(composer.head(open_row, fine, False, 20, LOOK, 80))
    assert "1 characters too long" in composer.limits(open_row, caps, sample.NOW, False, "x" * 101).blocked
    assert "window is closed" in composer.limits(closed_row, caps, sample.NOW, False, "x").blocked
    assert composer.limits(closed_row, caps, sample.NOW, True, "x").blocked == ""
    assert "only colleagues see it" in text_of(composer.head(closed_row, fine, True, 0, LOOK, 80))


def test_the_customer_pane() -> None:
    row = sample.rows()[0]
    painted = customer.lines(line_of(row), about(row), sample.history(), sample.NOW, LOOK, 30)
    shown = [text_of(segments).rstrip() for segments in painted]
    assert all(cells(text) <= 30 for text in shown)
    whole = "\n".join(shown)
    assert "+503 7012 4421" in whole
    assert "SV.1349aa" not in whole
    assert "socia 10-4421" in whole
    assert " 12 Oct WA ✓ luis" in whole and "clave olvidada" in whole
    assert "first time they write" in "\n".join(
        text_of(each) for each in customer.lines(line_of(row), about(row), [], sample.NOW, LOOK, 30)
    )


def test_every_way_to_reach_a_customer_is_readable_in_a_narrow_pane() -> None:
    row = sample.rows()[0]
    reached = [
        wire.Identity(channel="wa-oriente", kind="phone", value="50370124421"),
        wire.Identity(channel="sms", kind="phone", value="50370124421"),
        wire.Identity(channel="correo", kind="email", value="maria.ramos.de.portillo@example.com"),
        wire.Identity(channel="gone", kind="username", value="mari"),
        wire.Identity(channel="correo", kind="email", value="x" * 60),
    ]
    known = about(row)
    assert known is not None
    known.contact.identities, known.contact.attributes = reached, {"agencia": "San Miguel Centro, primer nivel"}
    kinds = {"wa-oriente": "whatsapp", "sms": "sms", "correo": "email"}

    def pane(width: int) -> list[str]:
        painted = customer.lines(
            line_of(row), known, [], sample.NOW, LOOK, width, kind_of=lambda name: kinds.get(name, "")
        )
        return [text_of(segments).rstrip() for segments in painted]

    for width in (25, 31, 41):
        assert all(cells(text) <= width for text in pane(width)), width
        assert "…" not in "".join(pane(width)), "nothing of a handle is cut"
    narrow = pane(25)
    assert " WA SM +503 7012 4421" in narrow
    assert narrow[narrow.index(" EM maria.ramos.de.porti") + 1] == "    llo@example.com"
    assert " @mari · gone" in narrow, "a channel that nobody knows is called by its name"
    assert " agencia San Miguel" in narrow and "   Centro, primer nivel" in narrow
    wide = pane(41)
    assert " WA SM +503 7012 4421 · wa-oriente" in wide, "its name where there is room, unless that says nothing more"
    assert " EM maria.ramos.de.portillo@example.com" in wide
    middle = pane(31)
    assert middle[middle.index(" EM maria.ramos.de.portillo") + 1] == "    @example.com · correo"


def test_every_view_has_a_name_however_much_is_urgent() -> None:
    counts = wire.Counts(mine=5, unassigned=2, open=27, waiting=9)
    urgent = bars.Urgent(late=4, warned=1, failed=1, alerts=4, offers=2)
    bar = bars.top_bar(counts, bars.Shown("mine"), urgent, "ana", LOOK, 80)
    shown = "".join(segment.text for segment in bar.segments)
    assert shown.startswith(" Mine 5  Unassi… 2  All op… 27  Waiting 9 ") and "◉ ana" in shown
