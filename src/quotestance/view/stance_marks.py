"""Stances and speakers into what shows them: a sign, a word and a colour, never the colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quotestance.view.page import escaped, isolated, percent

SIGNS = {"favor": "▲", "against": "▼", "neutral": "●", "unclear": "?"}  # other labels get a lozenge
WEAK = 0.6  # a side taken with less is rather a guess: on a target that the quote hardly bears upon, most are
COLOURS, UNDERLINES = 8, 5  # .c0.. and .u0.. in article_page.css; 40 pairs before one comes again
NOBODY = "nobody"  # the class of a speaker that is not resolved: grey, without a line


def stance_word(label: str) -> str:
    """'▲ favor' in the label's colour."""
    return f'<span class="stance {css_of(label)}"><span aria-hidden="true">{sign(label)}</span> {escaped(label)}</span>'


def stance_chip(label: str, target: str, probability: float | None) -> str:
    """A line of a quote's stances: the label, the target, and how probable the label is."""
    sure = f' <span class="soft">{percent(probability)}</span>' if probability is not None else ""
    word = f'<span aria-hidden="true">{sign(label)}</span> {escaped(label)}'
    faint = " weak" if is_weak(probability) else ""
    return f'<span class="stance chip {css_of(label)}{faint}">{word}</span> <span>{isolated(target)}{sure}</span>'


def is_weak(probability: float | None) -> bool:
    """Whether a label is rather a guess. Labels without a probability (people's) are not."""
    return probability is not None and probability < WEAK


def sign(label: str) -> str:
    return SIGNS.get(label, "◆")


def speaker_styles(names: Iterable[str]) -> Mapping[str, str]:
    """A pair of classes for each speaker of one article, in the given order: a colour and an underline, each pair once as far as they go."""
    return {name: f"c{number % COLOURS} u{number % UNDERLINES}" for number, name in enumerate(names)}


def css_of(label: str) -> str:
    """The class of a label; those outside the codebook share one."""
    return label if label in SIGNS else "other"
