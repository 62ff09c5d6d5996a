"""Behaviour tests from a file of templates into pass rates: what a model can and cannot do, beyond one score.

In the manner of Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020).
The file, `evaluate/checklist.toml`, explains its own form. This module knows no model: a `predict` is passed in.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK
from quotestance.data.pairs import Pair
from quotestance.data.shipped import shipped
from quotestance.data.toml_records import read_record

OWN = "checklist.toml"  # the project's, which comes with the package
CASES_A_TEMPLATE = 24  # of all fillings of a template's slots, drawn with a seed
SLOT = re.compile(r"\{([A-Za-z]+)(\d?)\}")
OPEN, CLOSE = "<<", ">>"

Predict = Callable[[Sequence[Pair]], Sequence[str | None]]


class ChecklistError(QuotestanceError):
    """A file of behaviour tests that cannot be used."""


class Ask(BaseModel):
    """A target and the label that is expected; without one, the label must only equal that of the other such asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str = Field(min_length=1)
    expect: str | None = None
    text: str | None = None
    speaker: str | None = None


class Template(BaseModel):
    """A text with slots and a marked quote, and what is asked of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    speaker: str | None = None
    asks: tuple[Ask, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _answerable(self) -> Template:
        for text in (self.text, *(ask.text for ask in self.asks if ask.text)):
            if text.count(OPEN) != 1 or text.count(CLOSE) != 1 or text.index(OPEN) > text.index(CLOSE):
                raise ValueError(f"'{text}' must mark one quote: {OPEN}…{CLOSE}")
        for ask in self.asks:
            if ask.expect is not None and ask.expect not in CODEBOOK:
                raise ValueError(f"expect '{ask.expect}' is not in the codebook, which has: {', '.join(CODEBOOK)}")
        if sum(ask.expect is None for ask in self.asks) == 1:
            raise ValueError(f"'{self.text}': one ask alone has no `expect`, so there is nothing that it could equal")
        return self


class Capability(BaseModel):
    """What is tested, why, and how. A known weakness is reported like the others, and flagged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    why: str = Field(min_length=1)
    known_weakness: bool = False
    template: tuple[Template, ...] = Field(min_length=1)


class Checklist(BaseModel):
    """All capabilities, and the words that fill their slots."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fill: dict[str, tuple[str, ...]]
    capability: tuple[Capability, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fillable(self) -> Checklist:
        names = [one.name for one in self.capability]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the capability '{twice[0]}' stands twice")
        for capability in self.capability:
            for template in capability.template:
                for name, _ in _slots(template):
                    if name not in self.fill:
                        raise ValueError(
                            f"{capability.name}: nothing fills {{{name}}}; [fill] has: {', '.join(self.fill)}"
                        )
        return self


@dataclass(frozen=True)
class Case:
    """A filled template: its pairs, and the label each should get (None: the same as the other Nones)."""

    capability: str
    template: int
    pairs: tuple[Pair, ...]
    expected: tuple[str | None, ...]

    def passes(self, predicted: Sequence[str | None]) -> bool:
        """Is every expected label met, and is every pair without one labelled like the others without one?"""
        free = {label for label, wanted in zip(predicted, self.expected, strict=True) if wanted is None}
        met = all(wanted in (None, label) for label, wanted in zip(predicted, self.expected, strict=True))
        return met and len(free) <= 1


@dataclass(frozen=True)
class CheckedBehaviour:
    """The cases with what was predicted for them."""

    checklist: Checklist
    cases: tuple[Case, ...]
    predicted: tuple[tuple[str | None, ...], ...]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a capability: templates, cases, share that passes, and the share of its worst template.

        Cases of one template share their wording, so n is no number of independent trials, and no interval is given.
        """
        flat = pd.DataFrame(
            {
                "capability": [case.capability for case in self.cases],
                "template": [case.template for case in self.cases],
                "passed": [case.passes(labels) for case, labels in zip(self.cases, self.predicted, strict=True)],
            }
        )
        rows = []
        for capability in self.checklist.capability:
            own = flat[flat.capability == capability.name]
            rows.append(
                {
                    "capability": capability.name,
                    "templates": own.template.nunique(),
                    "n": len(own),
                    "pass_rate": own.passed.mean(),
                    "worst_template": own.groupby("template").passed.mean().min(),
                    "known_weakness": capability.known_weakness,
                    "why": capability.why,
                }
            )
        return pd.DataFrame(rows).set_index("capability")

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row an ask of a failed case: capability, text, speaker, target, expected, predicted."""
        rows = [
            {
                "capability": case.capability,
                "text": pair.text,
                "quote": pair.quote_text,
                "speaker": pair.speaker,
                "target": pair.target,
                "expected": wanted or "(the same label)",
                "predicted": label,
            }
            for case, labels in zip(self.cases, self.predicted, strict=True)
            if not case.passes(labels)
            for pair, wanted, label in zip(case.pairs, case.expected, labels, strict=True)
        ]
        return pd.DataFrame(rows, columns=["capability", "text", "quote", "speaker", "target", "expected", "predicted"])

    def to_markdown(self) -> str:
        """The table of pass rates; known weaknesses are flagged."""
        lines = ["| capability | passes | cases | templates | worst template |", "|---|---|---|---|---|"]
        for name, row in self.frame.iterrows():
            flag = " (known weakness)" if row["known_weakness"] else ""
            lines.append(
                f"| {name}{flag} | {row['pass_rate']:.0%} | {row['n']} | {row['templates']} "
                f"| {row['worst_template']:.0%} |"
            )
        return "\n".join(lines)


def read_checklist(path: str | Path | None = None) -> Checklist:
    """The capabilities of a file, by default the project's own. Raises ChecklistError with the place and what is wrong."""
    file = path or shipped(OWN, in_repository="evaluate") or OWN
    return read_record(
        file, Checklist, error=ChecklistError, there_are="The project's own is read where no file is named."
    )


def check_behaviour(
    checklist: Checklist,
    predict: Predict,
    *,
    cases_a_template: int = CASES_A_TEMPLATE,
    seed: int = 13,
) -> CheckedBehaviour:
    """Ask a model every case, in one call. Raises ChecklistError where it answers another number of pairs."""
    made = tuple(cases(checklist, cases_a_template=cases_a_template, seed=seed))
    answers = list(predict([pair for case in made for pair in case.pairs]))
    if len(answers) != sum(len(case.pairs) for case in made):
        raise ChecklistError(f"The model gave {len(answers)} labels for {sum(len(case.pairs) for case in made)} pairs.")
    left = iter(answers)
    return CheckedBehaviour(checklist, made, tuple(tuple(itertools.islice(left, len(case.pairs))) for case in made))


def cases(checklist: Checklist, *, cases_a_template: int = CASES_A_TEMPLATE, seed: int = 13) -> Iterator[Case]:
    """Every template filled in up to so many ways, the same for the same seed."""
    for capability in checklist.capability:
        for number, template in enumerate(capability.template):
            fillings = list(_fillings(template, checklist.fill))
            draw = random.Random(f"{seed}/{capability.name}/{number}")
            for place, filling in enumerate(draw.sample(fillings, min(cases_a_template, len(fillings)))):
                name = f"{capability.name}#{number}#{place}"
                pairs = tuple(_pair(f"{name}#{n}", template, ask, filling) for n, ask in enumerate(template.asks))
                yield Case(capability.name, number, pairs, tuple(ask.expect for ask in template.asks))


def _fillings(template: Template, fill: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Words for every slot, numbered slots of one name all different: {'policy': …, 'policy2': …}."""
    numbers: dict[str, list[str]] = {}
    for name, number in sorted(_slots(template)):
        numbers.setdefault(name, []).append(number)
    ways = [list(itertools.permutations(fill[name], len(used))) for name, used in numbers.items()]
    for chosen in itertools.product(*ways):
        yield {
            name + number: word
            for (name, used), words in zip(numbers.items(), chosen, strict=True)
            for number, word in zip(used, words, strict=True)
        }


def _slots(template: Template) -> set[tuple[str, str]]:
    """Name and number of every slot, in lower case."""
    parts = [template.text, template.speaker or ""]
    parts += [part for ask in template.asks for part in (ask.target, ask.text or "", ask.speaker or "")]
    return {(name.lower(), number) for part in parts for name, number in SLOT.findall(part)}


def _pair(name: str, template: Template, ask: Ask, filling: Mapping[str, str]) -> Pair:
    marked = _filled(ask.text or template.text, filling)
    start, end = marked.index(OPEN), marked.index(CLOSE) - len(OPEN)
    speaker = ask.speaker or template.speaker
    return Pair(
        id=name,
        text=marked.replace(OPEN, "").replace(CLOSE, ""),
        target=_filled(ask.target, filling),
        speaker=_filled(speaker, filling) if speaker else None,
        quote=((start, end),),
        group=name,
        corpus="checklist",
    )


def _filled(text: str, filling: Mapping[str, str]) -> str:
    def word(slot: re.Match[str]) -> str:
        words = filling[slot[1].lower() + slot[2]]
        return words[0].upper() + words[1:] if slot[1][0].isupper() else words

    return SLOT.sub(word, text)
