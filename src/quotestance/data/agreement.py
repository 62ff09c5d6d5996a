"""Labels of several annotators into how far they agree, on the pairs that at least two of them labelled.

A coefficient that is undefined comes back without a value and with the reason. 'unclear' is a label like the others
here: choosing it where the other annotator takes a side is a disagreement. The adjudicated label ('gold') is nobody's
vote and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK, UNCLEAR, LabelSet
from quotestance.data.pairs import GOLD, Pair, pair_id
from quotestance.data.records import Article

ROUNDS = 1000  # bootstrap samples of groups behind an interval
FEW_GROUPS = 5  # below, no interval is given

Matrix = NDArray[np.float64]


class AgreementError(QuotestanceError):
    """Labels on which no agreement can be computed."""


@dataclass(frozen=True)
class Coefficient:
    """A measure of agreement on `n` items. Where it is undefined, `value` is None and `reason` says why."""

    value: float | None
    n: int
    interval: tuple[float, float] | None = None
    reason: str | None = None

    def __str__(self) -> str:
        if self.value is None:
            return f"undefined: {self.reason} (n = {self.n})"
        interval = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        return f"{self.value:.3f}{interval} (n = {self.n})"


@dataclass(frozen=True)
class Agreement:
    """How far annotators agree. `ratings` has one row an item, one column an annotator, and None for no label.

    `groups` holds the article (or topic) of each item: intervals are drawn over groups, not over items.
    """

    ratings: pd.DataFrame
    groups: pd.Series
    targets: pd.Series
    labels: tuple[str, ...]
    seed: int = 13

    @property
    def annotators(self) -> list[str]:
        return list(self.ratings.columns)

    @cached_property
    def shared(self) -> pd.DataFrame:
        """The items that two or more annotators labelled. Only these count."""
        return self.ratings[self.ratings.notna().sum(axis=1) >= 2]

    @cached_property
    def observed(self) -> Coefficient:
        """The share of equal labels among all pairs of labels of an item, every item weighing by its pairs."""
        coincidences = _coincidences(self.shared, self.labels, per_pair=True)
        return self._with_interval(coincidences, lambda matrix: float(np.trace(matrix) / matrix.sum()))

    @cached_property
    def alpha(self) -> Coefficient:
        """Krippendorff's alpha for nominal labels, missing labels allowed."""
        coincidences = _coincidences(self.shared, self.labels)
        whole = krippendorff_alpha(self.shared.to_numpy().tolist())
        return whole if whole.value is None else self._with_interval(coincidences, _alpha_of)

    @cached_property
    def fleiss(self) -> Coefficient:
        """Fleiss' kappa, on the items that every annotator labelled."""
        return fleiss_kappa(self.ratings.dropna().to_numpy().tolist())

    @cached_property
    def pairwise(self) -> pd.DataFrame:
        """One row a pair of annotators: shared items, share of equal labels, Cohen's kappa, and why it is undefined."""
        rows = []
        for first, second in combinations(self.annotators, 2):
            both = self.ratings[[first, second]].dropna()
            kappa = cohen_kappa(both[first].tolist(), both[second].tolist())
            equal = float((both[first] == both[second]).mean()) if len(both) else None
            rows.append(
                {
                    "first": first,
                    "second": second,
                    "n": len(both),
                    "agreement": equal,
                    "kappa": kappa.value,
                    "reason": kappa.reason,
                }
            )
        return pd.DataFrame(rows, columns=["first", "second", "n", "agreement", "kappa", "reason"])

    @cached_property
    def per_label(self) -> pd.DataFrame:
        """One row a label: how often it was given, its specific agreement, and alpha of this label against the rest.

        Specific agreement: given that one annotator chose the label, the chance that another did too
        (Cicchetti & Feinstein 1990; for more than two annotators over all pairs of them).
        """
        matrix = _coincidences(self.shared, self.labels, per_pair=True).sum(0)
        rows = []
        for number, label in enumerate(self.labels):
            given, same = matrix[number].sum(), matrix[number, number]
            one_vs_rest = [[None if one is None else str(one == label) for one in row] for row in _rows(self.shared)]
            alpha = krippendorff_alpha(one_vs_rest)
            times = int((self.shared == label).sum().sum())
            rows.append(
                {
                    "label": label,
                    "n": times,
                    "specific_agreement": float(same / given) if given else None,
                    "alpha": alpha.value if times else None,
                    "reason": alpha.reason if times else f"nobody chose {label}",
                }
            )
        return pd.DataFrame(rows).set_index("label")

    @cached_property
    def per_annotator(self) -> pd.DataFrame:
        """One row an annotator: labels given, of which on shared items, and how many of each label."""
        rows = {}
        for annotator in self.annotators:
            counts = self.ratings[annotator].value_counts()
            rows[annotator] = {
                "n": int(self.ratings[annotator].notna().sum()),
                "shared": int(self.shared[annotator].notna().sum()),
                **{label: int(counts.get(label, 0)) for label in self.labels},
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    @cached_property
    def confusion(self) -> pd.DataFrame:
        """How often one label met another on an item, each pair of annotators once; the diagonal is agreement."""
        matrix = _coincidences(self.shared, self.labels, per_pair=True).sum(0)
        return pd.DataFrame(matrix.astype(int), index=list(self.labels), columns=list(self.labels))

    @cached_property
    def disagreements(self) -> pd.DataFrame:
        """The shared items on which not all labels are equal, with the target and each annotator's label."""
        differing = self.shared[self.shared.nunique(axis=1) > 1]
        return differing.assign(target=self.targets.loc[differing.index])[["target", *self.annotators]]

    def summary(self) -> pd.DataFrame:
        """Observed agreement, alpha and Fleiss' kappa with n and interval, one row each."""
        rows = []
        for name, one in (
            ("agreement", self.observed),
            ("Krippendorff's alpha", self.alpha),
            ("Fleiss' kappa", self.fleiss),
        ):
            low, high = one.interval or (None, None)
            rows.append(
                {"measure": name, "value": one.value, "low": low, "high": high, "n": one.n, "reason": one.reason}
            )
        return pd.DataFrame(rows).set_index("measure")

    def to_text(self) -> str:
        """Every table as plain text, with what it counts said above it."""
        items, everything = len(self.shared), len(self.ratings)
        groups = self.groups.loc[self.shared.index].nunique()
        tables = [
            (
                f"{items} of {everything} pairs in {groups} groups are labelled by two or more of: "
                f"{', '.join(self.annotators)}. Intervals: 95 %, over groups.",
                self.summary(),
            ),
            ("Two by two", self.pairwise),
            ("Per label (n: times given on shared pairs)", self.per_label),
            ("Which label met which", self.confusion),
            ("Per annotator", self.per_annotator),
        ]
        return "\n\n".join(f"{title}\n{_table(frame)}" for title, frame in tables)

    def _with_interval(self, coincidences: Matrix, measure: Callable[[Matrix], float]) -> Coefficient:
        """The measure of the summed (labels, labels) matrices, with a 95 % percentile interval over groups."""
        value = measure(coincidences.sum(0))
        codes, names = pd.factorize(self.groups.loc[self.shared.index])
        if len(names) < FEW_GROUPS:
            return Coefficient(value, len(coincidences))
        by_group = np.zeros((len(names), *coincidences.shape[1:]))
        np.add.at(by_group, codes, coincidences)
        drawn = np.random.default_rng(self.seed).multinomial(len(names), [1 / len(names)] * len(names), size=ROUNDS)
        sampled = [measure(matrix) for matrix in np.tensordot(drawn.astype(float), by_group, axes=1)]
        low, high = np.nanpercentile(sampled, [2.5, 97.5])
        return Coefficient(value, len(coincidences), (float(low), float(high)))


def agreement(
    material: Iterable[Article | Pair],
    *,
    annotators: Sequence[str] | None = None,
    labels: LabelSet | None = None,
    seed: int = 13,
) -> Agreement:
    """Agreement of the annotators of articles, or of pairs that stand once for each annotator under the same id.

    `annotators` chooses whose labels are compared; by default everybody's but 'gold'. `labels` is by default the set
    that the articles declare, else the codebook's. Raises AgreementError where fewer than two annotators label, they
    share no item, one labels an item twice, differently, or articles declare different label sets; LabelError for a
    label outside the set.
    """
    material = list(material)
    labels = labels or _declared(material)
    votes = [vote for one in material for vote in (_votes_of_article(one) if isinstance(one, Article) else _vote(one))]
    wanted = set(annotators) if annotators is not None else {vote[1] for vote in votes} - {GOLD}
    unknown = sorted(wanted - {vote[1] for vote in votes})
    if unknown:
        raise AgreementError(
            f"No label is by {', '.join(unknown)}. Annotators here: {_listed(vote[1] for vote in votes)}."
        )
    cells: dict[str, dict[str, str]] = {}
    about: dict[str, tuple[str, str]] = {}
    for item, annotator, label, group, target in votes:
        if annotator not in wanted:
            continue
        labels.check(label, where=f"pair {item}, annotator {annotator}")
        earlier = cells.setdefault(item, {}).setdefault(annotator, label)
        if earlier != label:
            raise AgreementError(f"pair {item}: {annotator} labels it '{earlier}' and '{label}'. Keep one of the two.")
        about[item] = group, target
    if len(wanted) < 2:
        raise AgreementError(
            f"Agreement needs two annotators; the labels are by {_listed(wanted)}. Name them in 'annotator'."
        )
    ratings = pd.DataFrame.from_dict(cells, orient="index", columns=sorted(wanted), dtype=object)
    ratings = ratings.where(ratings.notna(), None)
    found = Agreement(
        ratings,
        pd.Series({item: one[0] for item, one in about.items()}),
        pd.Series({item: one[1] for item, one in about.items()}),
        (*labels, *([UNCLEAR] if (ratings == UNCLEAR).any().any() else [])),
        seed,
    )
    if found.shared.empty:
        raise AgreementError(
            f"{_listed(wanted)} share no pair: agreement is computed on what two or more labelled. "
            "Let them label the same quotes and targets."
        )
    return found


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> Coefficient:
    """Cohen's kappa (1960) of two annotators on the same items, by scikit-learn."""
    from sklearn.metrics import cohen_kappa_score

    undefined = _undefined([first, second], len(first))
    return undefined or Coefficient(float(cohen_kappa_score(list(first), list(second))), len(first))


def fleiss_kappa(ratings: Sequence[Sequence[str]]) -> Coefficient:
    """Fleiss' kappa (1971) of items that each have the same number of labels, one row an item."""
    undefined = _undefined(ratings, len(ratings))
    if undefined:
        return undefined
    labels = sorted({label for row in ratings for label in row})
    table = np.array([[row.count(label) for label in labels] for row in map(list, ratings)], dtype=float)
    raters = table.sum(1)[0]
    observed = ((table**2).sum(1) - raters).mean() / (raters * (raters - 1))
    expected = float(((table.sum(0) / table.sum()) ** 2).sum())
    return Coefficient(float((observed - expected) / (1 - expected)), len(ratings))


def krippendorff_alpha(ratings: Sequence[Sequence[str | None]]) -> Coefficient:
    """Krippendorff's alpha for nominal labels: one row an item, None where an annotator gave no label.

    One minus observed over expected disagreement, both from the matrix of coincidences, in which an item with m labels
    contributes each ordered pair of them with weight 1 / (m - 1); items with fewer than two labels say nothing
    (Krippendorff, Content Analysis, 2004, chapter 11).
    """
    shared = [[label for label in row if label is not None] for row in ratings]
    shared = [row for row in shared if len(row) >= 2]
    undefined = _undefined(shared, len(shared))
    if undefined:
        return undefined
    labels = tuple(sorted({label for row in shared for label in row}))
    width = max(map(len, shared))
    frame = pd.DataFrame([[*row, *[None] * (width - len(row))] for row in shared], dtype=object)
    return Coefficient(_alpha_of(_coincidences(frame, labels).sum(0)), len(shared))


def _coincidences(ratings: pd.DataFrame, labels: tuple[str, ...], *, per_pair: bool = False) -> Matrix:
    """Ordered pairs of labels of each item, shape (items, labels, labels), weighed 1 / (m - 1), or 1 `per_pair`."""
    counts = np.stack([(ratings == label).sum(axis=1).to_numpy(dtype=float) for label in labels], axis=1)
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs[:, np.arange(len(labels)), np.arange(len(labels))] -= counts
    given = counts.sum(1)
    weights = np.ones_like(given) if per_pair else 1 / np.maximum(given - 1, 1)
    weighed: Matrix = pairs * weights[:, None, None]
    return weighed


def _alpha_of(coincidences: Matrix) -> float:
    margins = coincidences.sum(0)
    n = margins.sum()
    expected = (n**2 - (margins**2).sum()) / (n - 1)
    return float(1 - (n - np.trace(coincidences)) / expected) if expected else float("nan")


def _undefined(rows: Sequence[Sequence[str]], n: int) -> Coefficient | None:
    """The coefficient without a value, where there is nothing to compute it from."""
    if n == 0:
        return Coefficient(None, 0, reason="there is no shared item")
    used = {label for row in rows for label in row}
    if len(used) == 1:
        return Coefficient(None, n, reason=f"every label is '{used.pop()}', so agreement by chance is certain")
    return None


def _declared(material: Sequence[Article | Pair]) -> LabelSet:
    """The label set of the articles, the codebook's where there are none."""
    declared = {one.label_set for one in material if isinstance(one, Article)} or {CODEBOOK}
    if len(declared) > 1:
        sets = " and ".join(sorted(f"({', '.join(one)})" for one in declared))
        raise AgreementError(f"The articles declare different label sets: {sets}. Compare those of one set at a time.")
    return declared.pop()


Vote = tuple[str, str, str, str, str]  # item, annotator, label, group, target


def _votes_of_article(article: Article) -> list[Vote]:
    names = {target.id: target.name for target in article.targets}
    return [
        (
            pair_id(article.id, quote.id, one.target),
            one.annotator or "unnamed",
            one.label,
            article.id,
            names[one.target],
        )
        for quote in article.quotes
        for one in quote.stances
        if one.label is not None
    ]


def _vote(pair: Pair) -> list[Vote]:
    if pair.label is None:
        return []
    return [(pair.id, pair.annotator or "unnamed", pair.label, pair.group or pair.id, pair.target)]


def _rows(frame: pd.DataFrame) -> list[list[str | None]]:
    return [[None if one is None or one != one else one for one in row] for row in frame.to_numpy().tolist()]


def _table(frame: pd.DataFrame) -> str:
    """The frame as text, 'reason' only where there is one, missing values as dashes."""
    shown = frame.drop(columns="reason") if "reason" in frame and frame["reason"].isna().all() else frame
    numbered = isinstance(shown.index, pd.RangeIndex)
    shown = shown.astype(object).where(shown.notna(), "–").rename_axis(index=None)
    text: str = shown.to_string(index=not numbered, float_format=lambda number: f"{number:.3f}")
    return text


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names))) or "nobody"
