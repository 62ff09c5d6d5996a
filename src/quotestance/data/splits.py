"""Labelled pairs into train, dev and test (or folds) by whole groups, frozen to a file that knows its material.

No group (article, topic, target, …) ever stands in two parts. Labels are balanced as far as whole groups allow.
What cannot be done is refused with the reason: scikit-learn's StratifiedGroupKFold makes empty folds instead.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.atomic import write_text
from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import UNCLEAR
from quotestance.data.pairs import Pair, article_pairs
from quotestance.data.records import Article

FORMAT = "quotestance-split/1"
ABSENT_PENALTY = 1e6  # a part without one of the labels is worse than any imbalance
EMPTY_PENALTY = 1e7  # and a part without a group is worse than that
SWAPS_UP_TO = 300  # groups; above, moves of single groups have room enough
PASSES = 20  # over all groups; the search stops earlier when nothing gets better

Counts = NDArray[np.float64]


class SplitError(QuotestanceError):
    """A split that cannot be made, or one that does not belong to the material it is applied to."""


@dataclass(frozen=True)
class Part:
    """One part of a split: groups in alphabetical order, number of pairs, their labels, and a digest of them."""

    groups: tuple[str, ...]
    pairs: int
    labels: Mapping[str, int]
    digest: str


@dataclass(frozen=True)
class Split:
    """Which groups go to which part. `digest` is that of the whole material, whatever the order of its pairs."""

    by: str
    seed: int
    digest: str
    parts: Mapping[str, Part]

    def apply(self, pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
        """The pairs of each part, in their order. Raises SplitError where it is not the material that was split."""
        rows = list(pairs)
        home = {group: name for name, part in self.parts.items() for group in part.groups}
        dealt: dict[str, list[Pair]] = {name: [] for name in self.parts}
        strangers = sorted({group for group in _groups(rows, self.by) if group not in home})
        if strangers:
            raise SplitError(
                f"{_listed(strangers)}: not in the split, which knows {len(home)} groups by '{self.by}'. {REMEDY}"
            )
        for pair, group in zip(rows, _groups(rows, self.by), strict=True):
            dealt[home[group]].append(pair)
        for name, part in self.parts.items():
            _check_part(name, part, dealt[name], self.by)
        return dealt

    def write(self, path: str | Path) -> Path:
        """Freeze to a JSON file."""
        target = Path(path)
        write_text(target, json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n")
        return target

    @classmethod
    def read(cls, path: str | Path) -> Split:
        """A frozen split. Raises SplitError where the file is not one, or says that a group stands in two parts."""
        try:
            held: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as problem:
            raise SplitError(
                f"{path} can't be read ({problem.strerror}). Name a split that 'quotestance split' wrote."
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError) as problem:
            raise SplitError(
                f"{path} is not JSON ({problem}). A split is what 'quotestance split' writes."
            ) from problem
        if not isinstance(held, dict) or held.get("format") != FORMAT:
            raise SplitError(
                f"{path} is not a split: its 'format' is not '{FORMAT}'. A split is what 'quotestance split' writes."
            )
        missing = [one.name for one in fields(cls) if one.name not in held]
        if missing:
            raise SplitError(f"{path} lacks {', '.join(missing)}. Make the split again with 'quotestance split'.")
        try:
            parts = {
                name: Part(tuple(part["groups"]), part["pairs"], part["labels"], part["digest"])
                for name, part in held["parts"].items()
            }
        except (AttributeError, KeyError, TypeError) as problem:
            raise SplitError(
                f"{path}: its parts are not as a split has them ({problem!r}). Make the split again with 'quotestance split'."
            ) from None
        twice = [
            group for group, n in Counter(group for part in parts.values() for group in part.groups).items() if n > 1
        ]
        if twice:
            raise SplitError(
                f"{path}: {_listed(sorted(twice))} in two parts, so nothing is held out. Make the split again."
            )
        return cls(held["by"], held["seed"], held["digest"], parts)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a part: groups, pairs, and pairs of each label."""
        rows = {
            name: {"groups": len(part.groups), "pairs": part.pairs, **part.labels} for name, part in self.parts.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").fillna(0).astype(int)


def split(pairs: Iterable[Pair], *, test: float = 0.2, dev: float = 0.1, by: str = "group", seed: int = 13) -> Split:
    """Train, dev and test parts of about these shares of the pairs; `dev=0` makes no dev part.

    `by` is 'group', 'article', 'target', another attribute of Pair, or a key of `Pair.extra`. Pairs that are unlabelled
    or 'unclear' follow their group and are not counted. Raises SplitError where there are fewer groups than parts, a
    label would be absent from a part, or a pair has no group.
    """
    if not (0 < test < 1 and 0 <= dev < 1 and test + dev < 1):
        raise SplitError(
            f"test={test} and dev={dev} leave nothing to train on. Shares lie between 0 and 1 and sum to less than 1."
        )
    shares = {"train": 1 - test - dev, **({"dev": dev} if dev else {}), "test": test}
    rows = list(pairs)
    return _frozen(rows, _assigned(rows, shares, by, seed), by, seed)


def k_folds(pairs: Iterable[Pair], k: int, *, by: str = "group", seed: int = 13) -> list[Split]:
    """k splits into train and test; each group is in the test part of one. Raises SplitError as `split` does."""
    if k < 2:
        raise SplitError(f"{k} folds leave nothing to train on or to test. Give at least 2.")
    rows = list(pairs)
    home = _assigned(rows, {f"fold {number}": 1 / k for number in range(1, k + 1)}, by, seed)
    return [
        _frozen(
            rows, {group: "test" if fold == f"fold {number}" else "train" for group, fold in home.items()}, by, seed
        )
        for number in range(1, k + 1)
    ]


def leave_one_group_out(pairs: Iterable[Pair], *, by: str = "group") -> list[Split]:
    """One split a group, which alone is the test part; in the order of first appearance.

    A single article seldom has every label, so only the train parts must. Raises SplitError where there are fewer than
    two groups, or a label would be absent from a train part.
    """
    rows = list(pairs)
    groups = list(dict.fromkeys(_groups(rows, by)))
    if len(groups) < 2:
        raise SplitError(
            f"There is {len(groups)} group by '{by}': leaving it out leaves nothing. "
            "Give at least two, or split by another column."
        )
    _check_labels(rows, by, at_least=2, because="leaving out the only one would leave none to train on")
    return [
        _frozen(rows, {group: "test" if group == left_out else "train" for group in groups}, by, 0)
        for left_out in groups
    ]


def folds_frame(folds: Sequence[Split]) -> pd.DataFrame:
    """One row a fold: groups and pairs of its train part, and groups, pairs and labels of its test part."""
    rows = []
    for number, fold in enumerate(folds, 1):
        train, test = fold.frame.loc["train"], fold.frame.loc["test"]
        rows.append(
            {
                "fold": number,
                "train groups": train["groups"],
                "train pairs": train["pairs"],
                **{f"test {name}": value for name, value in test.items()},
            }
        )
    return pd.DataFrame(rows).fillna(0).astype(int).set_index("fold")


def split_rows(articles: Iterable[Article]) -> list[Pair]:
    """The labelled pairs of articles for splitting, also of text-free ones: their digest comes from `text_sha256`."""
    rows: list[Pair] = []
    for article in articles:
        if article.text is not None:
            rows += article_pairs([article])
            continue
        for pair in article_pairs(
            [
                article.replace(
                    text="", quotes=tuple(q.replace(spans=(), cue=None, speaker=None) for q in article.quotes)
                )
            ]
        ):
            rows.append(
                Pair(
                    id=pair.id,
                    text="",
                    target=pair.target,
                    label=pair.label,
                    group=pair.group,
                    corpus=pair.corpus,
                    target_kind=pair.target_kind,
                    quote_kind=pair.quote_kind,
                    extra={"text_sha256": article.text_sha256},
                )
            )
    return rows


def material_digest(pairs: Iterable[Pair]) -> str:
    """SHA-256 over id, text, target and label of every pair, whatever their order."""
    texts: dict[str, str] = {}
    lines = []
    for pair in pairs:
        text = pair.extra.get("text_sha256") if not pair.text else texts.get(pair.text)
        if text is None:
            text = texts[pair.text] = hashlib.sha256(pair.text.encode("utf-8")).hexdigest()
        lines.append(json.dumps([pair.id, text, pair.target, pair.label]))
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8")).hexdigest()


REMEDY = (
    "Apply it to the material it was made from, read by the same columns (--id, --label, …), or make a new one with 'quotestance split' "
    "(and train again: what was held out may not be any more)."
)

# what `by` may name besides attributes of Pair and keys of `extra`
GROUPINGS: Mapping[str, Callable[[Pair], object]] = {
    "article": lambda pair: pair.extra.get("article") or pair.group,
    "target": lambda pair: " ".join(pair.target.casefold().split()),
}
NAMED_BY_OPTIONS = ("group", "speaker")  # of a pair table, whose columns may have other names


def _groups(pairs: Sequence[Pair], by: str) -> list[str]:
    """The group of each pair. Raises SplitError with the pair that has none."""
    named = {one.name for one in fields(Pair)}
    read = GROUPINGS.get(by) or (lambda pair: getattr(pair, by) if by in named else pair.extra.get(by))
    groups = []
    for pair in pairs:
        group = read(pair)
        if group is None or group == "":
            known = sorted(
                {*named, *GROUPINGS, *pair.extra} - {"extra", "text", "probabilities", "quote", "mention", "aliases"}
            )
            otherwise = f" (--{by} COLUMN where it has another name)" if by in NAMED_BY_OPTIONS else ""
            raise SplitError(
                f"pair {pair.id} has no '{by}'. Fill that column{otherwise}, or split by another: {', '.join(known)}."
            )
        groups.append(str(group))
    return groups


def _assigned(rows: list[Pair], shares: Mapping[str, float], by: str, seed: int) -> dict[str, str]:
    """The part of each group: largest groups first, each to where it leaves the least imbalance, then improved."""
    groups = _groups(rows, by)
    names = sorted(set(groups))
    if len(names) < len(shares):
        raise SplitError(
            f"{_counted_groups(len(names))} by '{by}' cannot fill {len(shares)} parts ({', '.join(shares)}). "
            "Ask for fewer parts, add articles, or split by a column with more values."
        )
    labels = _check_labels(rows, by, at_least=len(shares), because=f"{len(shares)} parts need one each")
    sizes = _label_counts(rows, groups, names, labels)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order].sum(1), kind="stable")]
    home = _greedy(sizes, order, np.array(list(shares.values())))
    parts = list(shares)
    for number, part in enumerate(parts):
        held = sizes[home == number].sum(0)
        absent = [label for label, n in zip(labels, held, strict=False) if n == 0]
        if not (home == number).any() or absent:
            raise SplitError(
                f"No division of the {len(names)} groups by '{by}' was found that gives {part} "
                f"{'the label ' + ', '.join(absent) if absent else 'a group'}. "
                "Give it a larger share, or ask for fewer parts."
            )
    return {name: parts[home[number]] for number, name in enumerate(names)}


def _check_labels(rows: Sequence[Pair], by: str, *, at_least: int, because: str) -> list[str]:
    """The labels of the material. Raises SplitError with each label that stands in fewer than `at_least` groups."""
    holders: dict[str, set[str]] = {}
    for pair, group in zip(rows, _groups(rows, by), strict=True):
        if pair.label is not None and pair.label != UNCLEAR:
            holders.setdefault(pair.label, set()).add(group)
    rare = [
        f"'{label}' stands in {len(groups)} ({_listed(sorted(groups))})"
        for label, groups in sorted(holders.items())
        if len(groups) < at_least
    ]
    if rare:
        raise SplitError(
            f"By '{by}', the label {'; the label '.join(rare)}; {because}. Annotate more, or ask for fewer parts."
        )
    if not holders:
        raise SplitError("No pair has a label, so nothing can be balanced. Label some first.")
    return sorted(holders)


def _label_counts(rows: Sequence[Pair], groups: Sequence[str], names: list[str], labels: list[str]) -> Counts:
    """Pairs of each label in each group, and in the last column all pairs: (groups, labels + 1)."""
    row_of, column_of = {name: n for n, name in enumerate(names)}, {label: n for n, label in enumerate(labels)}
    counts = np.zeros((len(names), len(labels) + 1))
    for pair, group in zip(rows, groups, strict=True):
        counts[row_of[group], -1] += 1
        if pair.label in column_of:
            counts[row_of[group], column_of[pair.label]] += 1
    return counts


def _greedy(sizes: Counts, order: NDArray[np.int64], shares: Counts) -> NDArray[np.int64]:
    """The part (an index into `shares`) of each group."""
    wanted = shares[:, None] * sizes.sum(0)
    home = np.full(len(sizes), -1)
    held = np.zeros_like(wanted)
    for group in order:
        # how far below its wanted counts each part still is, weighed by what this group brings
        gain = (((wanted - held).clip(0) ** 2 - (wanted - held - sizes[group]) ** 2) / wanted).sum(1)
        part = int(np.argmax(gain))
        home[group] = part
        held[part] += sizes[group]
    _move(home, held, sizes, wanted, order)
    if len(sizes) <= SWAPS_UP_TO:
        _swap(home, held, sizes, wanted, order)
    return home


def _cost(held: Counts, wanted: Counts, members: NDArray[np.int64]) -> float:
    imbalance = ((held - wanted) ** 2 / wanted).sum()
    return float(imbalance + ABSENT_PENALTY * (held[:, :-1] == 0).sum() + EMPTY_PENALTY * (members == 0).sum())


def _move(home: NDArray[np.int64], held: Counts, sizes: Counts, wanted: Counts, order: NDArray[np.int64]) -> None:
    """Move single groups while that lowers the cost. Changes `home` and `held`."""
    members = np.bincount(home, minlength=len(wanted))
    best = _cost(held, wanted, members)
    for _ in range(PASSES):
        before = best
        for group in order[::-1]:
            for part in range(len(wanted)):
                old = home[group]
                if part == old:
                    continue
                _shift(held, members, sizes[group], old, part)
                cost = _cost(held, wanted, members)
                if cost < best - 1e-9:
                    best, home[group] = cost, part
                else:
                    _shift(held, members, sizes[group], part, old)
        if best >= before:
            return


def _swap(home: NDArray[np.int64], held: Counts, sizes: Counts, wanted: Counts, order: NDArray[np.int64]) -> None:
    """Exchange pairs of groups between parts while that lowers the cost. Changes `home` and `held`."""
    members = np.bincount(home, minlength=len(wanted))
    best = _cost(held, wanted, members)
    for first in order:
        for second in order:
            here, there = home[first], home[second]
            if here == there:
                continue
            difference = sizes[second] - sizes[first]
            held[here] += difference
            held[there] -= difference
            cost = _cost(held, wanted, members)
            if cost < best - 1e-9:
                best, home[first], home[second] = cost, there, here
            else:
                held[here] -= difference
                held[there] += difference


def _shift(held: Counts, members: NDArray[np.int64], size: Counts, old: int, new: int) -> None:
    held[old] -= size
    held[new] += size
    members[old] -= 1
    members[new] += 1


def _frozen(rows: Sequence[Pair], home: Mapping[str, str], by: str, seed: int) -> Split:
    dealt: dict[str, list[Pair]] = {
        name: [] for name in dict.fromkeys(("train", "dev", "test")) if name in home.values()
    }
    groups: dict[str, set[str]] = {name: set() for name in dealt}
    for pair, group in zip(rows, _groups(rows, by), strict=True):
        dealt[home[group]].append(pair)
        groups[home[group]].add(group)
    parts = {
        name: Part(tuple(sorted(groups[name])), len(members), _counted(members), material_digest(members))
        for name, members in dealt.items()
    }
    return Split(by, seed, material_digest(rows), parts)


def _counted(pairs: Iterable[Pair]) -> dict[str, int]:
    return dict(sorted(Counter(pair.label for pair in pairs if pair.label is not None).items()))


def _check_part(name: str, part: Part, pairs: Sequence[Pair], by: str) -> None:
    """Raise SplitError where the pairs of a part are not those that were frozen, and say in what they differ."""
    if material_digest(pairs) == part.digest:
        return
    lost = sorted(set(part.groups) - set(_groups(pairs, by)))
    if lost:
        reason = f"{_listed(lost)} missing"
    elif len(pairs) != part.pairs:
        reason = f"{len(pairs)} pairs where {part.pairs} were frozen"
    elif _counted(pairs) != dict(part.labels):
        reason = f"labels {_counted(pairs)} where {dict(part.labels)} were frozen"
    else:
        reason = "ids, texts, targets or labels have changed"
    raise SplitError(f"The material of the part '{name}' has changed: {reason}. {REMEDY}")


def _counted_groups(n: int) -> str:
    return f"{n} group" if n == 1 else f"{n} groups"


def _listed(groups: Sequence[str], shown: int = 3) -> str:
    more = f" and {len(groups) - shown} more" if len(groups) > shown else ""
    return ", ".join(f"'{group}'" for group in groups[:shown]) + more
