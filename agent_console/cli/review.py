"""`agent-console review`: answers that somebody looks at before they leave."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, duration, moment, pgettext

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Answers that somebody looks at before they leave. See docs/review.md"))

Id = Annotated[int, typer.Argument(metavar="ID", help=_("The answer's number; review list -q prints them."))]
Ids = Annotated[list[int], typer.Argument(metavar="ID…", help=_("Numbers of answers; review list -q prints them."))]
Team = Annotated[str, typer.Argument(metavar=_("TEAM"), help=_("The team's name."))]


@verb(app, "list", _("List what waits for your review, the most urgent first."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_reviews
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    now = time.time_ns() // 1_000_000
    columns: list[Column[wire.Review]] = [
        Column("id", "#", lambda r: r.message.id),
        Column("due_at", _("Left"), lambda r: _left(r, now), lambda r: r.due_at),
        Column("author", _("Author"), lambda r: r.message.author),
        Column("conversation", _("Conversation"), lambda r: r.message.conversation, right=True),
        Column("contact_name", _("Customer"), lambda r: r.conversation.contact_name),
        Column("why", _("Why"), lambda r: words.review_why(r.why), lambda r: r.why),
        Column("text", pgettext("review rule", "Answer"), lambda r: r.message.text, grow=True),
    ]
    found = calling.send(calls_reviews.reviews()).items
    ids = (lambda r: r.message.id) if quiet else None
    printing.rows(found, columns, output, empty=_("Nothing waits for your review."), ids=ids)


@verb(app, "show", _("Show an answer that waits, with what was said before it."))
def show(id: Id, output: Output = Format.text) -> None:
    from agent_console.backend import calls_reviews
    from agent_console.cli import calling, printing

    review = calling.send(calls_reviews.review(id))
    if output is Format.text:
        for message in review.context:
            who = review.conversation.contact_name if message.direction == "in" else message.author
            printing.out(f"{printing.safe(who)}: {printing.safe(message.text)}")
    _print(review, output)


@verb(app, "send", _("Send answers as they are."))
def send(ids: Ids) -> None:
    for id in ids:
        _decide(id, "send")


@verb(app, "edit", _("Send an answer with another text; without one it is read from standard input."))
def edit(id: Id, text: Annotated[str | None, typer.Argument(metavar=_("TEXT"))] = None) -> None:
    _decide(id, "edit", text=asking.stdin_text().rstrip("\n") if text is None else text)


@verb(app, "return", _("Give an answer back to its author, with a remark."))
def return_(id: Id, remark: Annotated[str, typer.Argument(metavar=_("REMARK"), help=_("What should change."))]) -> None:
    _decide(id, "return", remark=remark)


@verb(app, "rules", _("Show which answers of which teams are reviewed."))
def rules(output: Output = Format.text) -> None:
    from agent_console.backend import calls_reviews
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.ReviewRule]] = [
        Column("team", _("Team"), lambda r: r.team),
        Column("what", _("Which answers"), _which, grow=True),
        Column("reviewers", _("Reviewers"), lambda r: ", ".join(r.reviewers)),
        Column("clock_ms", pgettext("review rule", "Within"), lambda r: duration(r.clock_ms), lambda r: r.clock_ms),
        Column("late", pgettext("review rule", "Then"), _then, lambda r: r.late),
    ]
    found = calling.send(calls_reviews.review_rules()).items
    printing.rows(found, columns, output, empty=_("No team's answers are reviewed."))


@verb(app, "rule", _("Say which answers of a team are reviewed. What is not named stays as it is."))
def rule(
    team: Team,
    person: Annotated[
        list[str] | None,
        typer.Option("--person", metavar=_("USER[:30d|:20]"), help=_("Theirs: for so long, or until 20 were good.")),
    ] = None,
    not_person: Annotated[
        list[str] | None, typer.Option("--not-person", metavar=_("USER"), help=_("Theirs no longer."))
    ] = None,
    new_days: Annotated[
        int | None, typer.Option("--new-days", metavar="N", min=0, help=_("Those of advisors new for so many days."))
    ] = None,
    public: Annotated[bool | None, typer.Option("--public/--not-public", help=_("Public comments."))] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", metavar=_("CHANNEL"), help=_("On these channels or kinds."))
    ] = None,
    no_channels: Annotated[bool, typer.Option("--no-channels", help=_("By no channel any more."))] = False,
    everybody: Annotated[bool | None, typer.Option("--all/--not-all", help=_("All answers."))] = None,
    reviewer: Annotated[
        list[str] | None,
        typer.Option("--reviewer", metavar=_("USER"), help=_("Who decides beside supervisors; may be repeated.")),
    ] = None,
    within: Annotated[
        str | None, typer.Option("--within", metavar=_("TIME"), help=_("How long a review may take, like 10m."))
    ] = None,
    late: Annotated[
        str | None, typer.Option("--late", metavar="send|escalate", help=_("What happens when it takes longer."))
    ] = None,
    off: Annotated[bool, typer.Option("--off", help=_("Review none of this team's answers any more."))] = False,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_reviews
    from agent_console.cli import calling, printing
    from agent_console.cli.spans import read_span
    from server import wire

    if off:
        calling.send(calls_reviews.remove_review_rule(team))
        printing.out(_("No answers of {team} are reviewed any more.").format(team=printing.safe(team)))
        return
    if late not in (None, "send", "escalate"):
        raise WrongUsage(_("{name} takes {wanted}.").format(name="--late", wanted="send|escalate"))
    before = next((r for r in calling.send(calls_reviews.review_rules()).items if r.team == team), None)
    changed = before or wire.ReviewRule(team=team)
    given: dict[str, Any] = {
        "new_days": new_days,
        "public": public,
        "everybody": everybody,
        "channels": [] if no_channels else channel,
        "reviewers": reviewer,
        "clock_ms": None if within is None else read_span(within),
        "late": late,
    }
    for name, value in given.items():
        if value is not None:
            setattr(changed, name, value)
    people = [_person(text) for text in person or ()]
    gone = {each.user for each in people} | set(not_person or ())
    changed.people = [each for each in changed.people if each.user not in gone] + people
    kept = calling.send(calls_reviews.set_review_rule(team, changed))
    if output is Format.json:
        printing.out(printing.to_json(kept))
    else:
        printing.out(f"{printing.safe(kept.team)}: {printing.safe(_which(kept))}")


def _person(text: str) -> wire.Reviewed:
    """USER, USER:30d or USER:20."""
    from agent_console.cli.spans import read_span
    from server import wire

    user, _colon, how = text.partition(":")
    if not how:
        return wire.Reviewed(user=user)
    if how.isdigit():
        return wire.Reviewed(user=user, left=int(how))
    return wire.Reviewed(user=user, until=time.time_ns() // 1_000_000 + read_span(how))


def _which(rule: wire.ReviewRule) -> str:
    now = time.time_ns() // 1_000_000
    said = [pgettext("review rule", "all")] if rule.everybody else []
    for each in rule.people:
        until = _("until {time}").format(time=moment(each.until, now)) if each.until is not None else ""
        left = _("{n} more").format(n=each.left) if each.left is not None else ""
        more = ", ".join(filter(None, (until, left)))
        said.append(f"{each.user} ({more})" if more else each.user)
    if rule.new_days:
        said.append(_("new for less than {n} d").format(n=rule.new_days))
    if rule.public:
        said.append(pgettext("review rule", "public"))
    return ", ".join([*said, *rule.channels]) or pgettext("review rule", "none")


def _then(rule: wire.ReviewRule) -> str:
    return pgettext("review rule", "sent") if rule.late == "send" else pgettext("review rule", "alert")


def _left(review: wire.Review, now: int) -> str:
    left = review.due_at - now
    return duration(left) if left > 0 else f"▲ {duration(-left)}"


def _decide(id: int, decision: Any, **more: str) -> None:
    from agent_console.backend import calls_reviews
    from agent_console.cli import calling, printing
    from server import wire

    review = calling.send(calls_reviews.decide(id, wire.DecideReview(decision=decision, **more)))
    printing.out(f"{id}: {words.review_state(review.state)}")


def _print(review: wire.Review, output: Format) -> None:
    from agent_console.cli import printing

    now = time.time_ns() // 1_000_000
    printing.one(
        review,
        [
            ("id", "#", review.message.id),
            ("author", _("Author"), review.message.author),
            ("conversation", _("Conversation"), review.message.conversation),
            ("text", pgettext("review rule", "Answer"), review.message.text),
            ("why", _("Why"), words.review_why(review.why)),
            ("state", _("State"), words.review_state(review.state)),
            ("left", _("Left"), _left(review, now) if review.state == "pending" else ""),
            ("decided_by", _("Decided by"), review.decided_by),
            ("remark", _("Remark"), review.remark),
            ("original", _("Before"), review.original),
        ],
        output,
    )
