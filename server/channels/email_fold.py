"""What somebody wrote now, apart from what their program quoted and added.

A mail's text is cut into runs: own text, quotes, and marks (an introduction like "On Monday, Ana wrote:", a block of
headers, a line like "Original message"). Few rules on their order say what is folded; nothing is ever dropped.

* Text above a mark: all from the mark on is folded. Unless answers stand between the quotes: then these stay as they
  are, and only the marks and a quote at the end go.
* A mark first: with its quote it is folded and the text below stays; a forwarded mail (headers, nothing above)
  stays, its headers go.
* A quote without a mark stays if text follows it, goes if text only precedes it.
* At the end of what stays, signatures, "Sent from my phone" and notices of confidentiality go.
"""

from __future__ import annotations

from server.channels import email_fold_words as words
from server.channels.email_fold_lines import HEAD, INTRO, QUOTE, TEXT, runs_of

#: so much of a text is looked at; what is longer than that goes to the folded part
FOLD_LIMIT = 300_000
#: lines below a signature's dashes, if these have lost the blank that tells them from other dashes
SIGNATURE_LINES = 15
#: a notice of confidentiality with a title has so many paragraphs at most
NOTICE_PARAGRAPHS = 5
#: so far below an answer the next quote shows that it stands between two
NEXT_RUNS = 8


def fold(text: str) -> tuple[str, str]:
    """(what was written now, the rest): together all of `text` but blanks. Never raises; linear in its length."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rest = ""
    if len(text) > FOLD_LIMIT:
        cut = text.rfind("\n", FOLD_LIMIT // 2, FOLD_LIMIT) + 1 or FOLD_LIMIT
        text, rest = text[:cut], text[cut:]
    lines = text.split("\n")
    shown = _Folding(lines).shown
    _fold_end(lines, shown)
    visible, folded = [], []
    was_shown = True
    for line, is_shown in zip(lines, shown, strict=True):
        if is_shown:
            visible.append(line)
        if line.strip():
            was_shown = is_shown
        if not was_shown:  # empty lines below what is folded keep it readable
            folded.append(line)
    return _join(visible), _join([*folded, *rest.split("\n")] if rest else folded)


def _join(lines: list[str]) -> str:
    """Lines without the empty ones at both ends."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return "\n".join(lines[start:end]).rstrip()


# ---------------------------------------------------------------- which runs stay


class _Folding:
    """Decides for each line whether it stays (`shown`), signatures at the end aside."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.runs = runs_of(lines)
        self.shown = [True] * len(lines)
        own = [place for place in range(len(self.runs)) if self._is_own(place)]
        self.own = set(own)
        self.first = own[0] if own else len(self.runs)
        self.last = own[-1] if own else -1
        if own:
            self._fold()
        else:
            self._fold_quoted()

    def _is_own(self, place: int) -> bool:
        """Whether somebody wrote something in this run. Below a quote, a rule begins a signature."""
        run = self.runs[place]
        if run.kind != TEXT:
            return False
        lines = self.lines[run.start : run.end]
        own = [line for line in lines[: _signature(lines)] if line.strip()]
        if own and place and self.runs[place - 1].kind == QUOTE and words.RULE.match(own[0]):
            return False
        return any(not words.RULE.match(line) for line in own)

    def _hide(self, start: int, end: int) -> None:
        self.shown[start:end] = [False] * (end - start)

    def _fold_quoted(self) -> None:
        """Nothing was written: what is only forwarded stays, its headers go; an answer without words has nothing."""
        marked = next((run for run in self.runs if run.mark or run.kind in (INTRO, HEAD)), None)
        if marked is None:
            return
        if marked.mark == HEAD and marked.body < marked.end:
            self._hide(marked.start, marked.body)
        else:
            self._hide(0, len(self.lines))

    def _fold(self) -> None:
        runs = self.runs
        place = next(place for place, run in enumerate(runs) if run.kind != TEXT or place in self.own)
        if runs[place].kind == HEAD:  # forwarded, and nothing above
            while runs[place].kind in (HEAD, INTRO):
                self._hide(runs[place].start, runs[place].end)
                place += 1
        elif runs[place].kind == INTRO and runs[place + 1].kind == TEXT:
            # quoted without any sign for it: what is whose cannot be told
            for run in runs:
                if run.kind == INTRO:
                    self._hide(run.start, run.end)
            self._hide_last_quotes()
        else:
            self._hide_first_quote(place)
            self._hide_below()

    def _hide_first_quote(self, place: int) -> None:
        """A mark and its quote at the top go if all that was written stands below; else only the mark."""
        run = self.runs[place]
        if run.kind != INTRO and not run.mark:
            return
        quote = self.runs[place + 1 if run.kind == INTRO else place]
        between = any(self.runs[later].kind == QUOTE for later in range(self.first + 1, self.last))
        self._hide(run.start, run.body if between or quote.kind != QUOTE else quote.end)

    def _hide_below(self) -> None:
        """Fold what stands below what was written, from the first mark on that is not answered in between."""
        for place in range(self.first + 1, len(self.runs)):
            run = self.runs[place]
            if run.kind == HEAD or run.mark == HEAD:
                self._hide(run.start, len(self.lines))
                return
            if run.kind == INTRO or run.mark:
                if not self._is_answered(place if run.mark else place + 1):
                    self._hide(run.start, len(self.lines))
                    return
                self._hide(run.start, run.body)
        self._hide_last_quotes()

    def _is_answered(self, quote: int) -> bool:
        """Whether what stands below this quote is an answer to it. Mostly it is a signature: only between two quotes,
        or if nothing but a greeting stands above, it is not."""
        if quote >= len(self.runs) or self.runs[quote].kind != QUOTE or quote > self.last:
            return False
        answer = next(place for place in range(quote, len(self.runs)) if place in self.own)
        return self._only_greeted(quote) or any(
            run.kind == QUOTE and not run.mark for run in self.runs[answer : answer + NEXT_RUNS]
        )

    def _only_greeted(self, before: int) -> bool:
        above = self.runs[self.first]
        return (
            before <= self.first + 2
            and above.end - above.start == 1
            and words.GREETING.match(self.lines[above.start].strip()) is not None
        )

    def _hide_last_quotes(self) -> None:
        """Quotes that nothing of one's own follows go."""
        for run in self.runs[self.last + 1 :]:
            self._hide(run.start, run.end)


# ---------------------------------------------------------------- the end


def _fold_end(lines: list[str], shown: list[bool]) -> None:
    """Fold signatures and notices below what stays."""
    numbers = [number for number, is_shown in enumerate(shown) if is_shown]
    end = _signature([lines[number] for number in numbers])
    for number in numbers[end:]:
        shown[number] = False


def _signature(lines: list[str]) -> int:
    """Where, in text that stays, a signature begins; the number of lines if there is none."""
    end = len(lines)
    while True:
        before = end
        end = _without_added(lines, end)
        end = _without_dashes(lines, end)
        end = _without_disclaimer(lines, end)
        if end == before:
            return end


def _without_added(lines: list[str], end: int) -> int:
    """Without empty lines, rules, and what phones and mail programs add."""
    while end and (
        not lines[end - 1].strip() or words.RULE.match(lines[end - 1]) or _is_sent_from(lines[end - 1].strip())
    ):
        end -= 1
    return end


def _is_sent_from(line: str) -> bool:
    return len(line) < 130 and any(pattern.match(line) for pattern in words.SENT_FROM)


def _without_dashes(lines: list[str], end: int) -> int:
    """Without what stands below "-- "; without the blank only if it is short."""
    seen = 0
    for number in range(end - 1, -1, -1):
        line = lines[number]
        if line == "-- " or (words.DASHES.match(line) and seen <= SIGNATURE_LINES):
            end, seen = number, 0
        elif line.strip():
            seen += 1
            if seen > SIGNATURE_LINES * 4:
                break
    return end


def _without_disclaimer(lines: list[str], end: int) -> int:
    """Without a last paragraph that speaks of confidentiality, viruses or the environment, or several under a title."""
    below = end
    for place in range(NOTICE_PARAGRAPHS):
        start = below
        while start and lines[start - 1].strip():
            start -= 1
        paragraph = " ".join(lines[start:below])[:1_500]
        is_notice = words.DISCLAIMER_TITLE.match(paragraph) or (not place and words.DISCLAIMER.match(paragraph))
        if start and is_notice:
            return start
        below = start
        while below and not lines[below - 1].strip():
            below -= 1
        if not below:
            break
    return end
