"""The record of what one sentence reports: token places of contents, cue and source."""

from __future__ import annotations

from dataclasses import dataclass

from quotestance.models.rules.clauses import Place


@dataclass(frozen=True)
class Report:
    """Token places in one sentence. `contents` may be several; `source` is None where the sentence has no subject for the cue."""

    contents: tuple[Place, ...]
    cue: Place
    source: Place | None
    speech: bool  # a word of saying, beside which words in marks are direct speech
