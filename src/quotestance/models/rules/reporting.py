"""One sentence into what it reports: content, cue and source as token places. Cue verbs, frames and closed lists, no parser."""

from __future__ import annotations

from quotestance.models.rules.clauses import Tokens, subject_after
from quotestance.models.rules.content_after import report_forward
from quotestance.models.rules.content_before import report_backward
from quotestance.models.rules.content_end import content_ends, trimmed
from quotestance.models.rules.report import Report
from quotestance.models.rules.report_cues import cue_at


def reports(tokens: Tokens) -> list[Report]:
    """What the sentence reports, in the order of the contents. Contents do not overlap."""
    found = [one for i in range(len(tokens)) if (one := cue_at(tokens, i))]
    taken = [False] * len(tokens)
    made: list[Report] = []
    for one in found:  # first those whose content stands before them: "…, she said."
        if one.kind == "verb" and one.cue.speech and not taken[one.at]:
            report = report_backward(tokens, one, taken)
            if report:
                _take(taken, report)
                made.append(report)
    for i in range(len(tokens) - 1):
        if tokens[i].low == "according" and tokens[i + 1].low == "to" and tokens[i].region < 0 and not taken[i]:
            report = _according(tokens, i, taken)
            if report:
                _take(taken, report)
                made.append(report)
    for one in found:
        if not taken[one.at]:
            report = report_forward(tokens, one, taken, made)
            if report:
                _take(taken, report)
                made.append(report)
    return sorted(made, key=lambda report: report.contents[0])


def _take(taken: list[bool], report: Report) -> None:
    for start, end in [*report.contents, report.cue]:
        for k in range(start, end):
            taken[k] = True


def _according(tokens: Tokens, i: int, taken: list[bool]) -> Report | None:
    """'Content, according to source' and 'According to source, content'."""
    source = subject_after(tokens, i + 2)
    if source is None:
        return None
    cue = (i, i + 2)
    before = trimmed(tokens, _clause_start(tokens, i, taken), i)
    if i > 1 and before and before[1] - before[0] >= 2 and tokens[i - 1].low not in ("but", "and"):
        return Report((before,), cue, source, True)
    end = source[1]
    if end < len(tokens) and tokens[end].text == ",":
        after = trimmed(tokens, end + 1, content_ends(tokens, end + 1, None, taken))
        if after and after[1] - after[0] >= 2:
            return Report((after,), cue, source, True)
    return None


def _clause_start(tokens: Tokens, i: int, taken: list[bool]) -> int:
    """Where the clause before token i begins: behind a taken token, a semicolon or a comma with 'but'."""
    for k in range(i - 1, -1, -1):
        if taken[k]:
            return k + 1
        if tokens[k].region < 0 and tokens[k].text == ";":
            return k + 1
        if (
            tokens[k].region < 0
            and tokens[k].low in ("but", "while", "although", "though")
            and k
            and tokens[k - 1].text == ","
        ):
            return k + 1
    return 0
