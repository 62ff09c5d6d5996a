"""Plain numbers into figures that read in grey and by the colour-blind: marks, hatches and numbers, never hue alone.

Each function returns a matplotlib Figure of its own (no pyplot, no global state); `figure_svg` makes it text for a
page. Colours are Okabe and Ito's (2008). Every figure says on how many examples it stands.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from quotestance.view.page import printable

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#767b84"
MOST_TARGETS = 20
LONGEST_NAME = 42
# the ink of a page's figures becomes the page's own, so that they suit a light and a dark page
INK = "#010203"
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "quotestance",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "legend.fontsize": 9,
}


def confusion_figure(gold: Sequence[str], predicted: Sequence[str], counts: Sequence[Sequence[int]]) -> Figure:
    """A (gold × predicted) table of counts, each with its share of its gold label, darker for more."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(1.6 + 1.15 * len(predicted), 1.3 + 0.85 * len(gold)))
        axes = figure.subplots()
        shares = [[count / sum(row) if sum(row) else 0.0 for count in row] for row in counts]
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                # see-through blue: the page's own ink stays readable on it, light or dark
                axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=BLUE, alpha=0.65 * shares[y][x]))
                axes.text(x, y, f"{count:,}\n{100 * shares[y][x]:.0f} %", ha="center", va="center")
        axes.set_xticks(range(len(predicted)), predicted)
        axes.set_yticks(range(len(gold)), gold)
        axes.set(
            xlabel="predicted",
            ylabel="gold",
            xlim=(-0.5, len(predicted) - 0.5),
            ylim=(len(gold) - 0.5, -0.5),
            title=f"n = {sum(map(sum, counts)):,}; % of the gold label",
        )
    return figure


def reliability_figure(bins: Sequence[Mapping[str, float | None]]) -> Figure:
    """Accuracy against mean confidence, one mark a bin, sized by how many stand in it; calibrated on the diagonal.

    A bin has `confidence`, `accuracy` (both None where it is empty) and `n`.
    """
    full = [
        (float(one["confidence"]), float(one["accuracy"]), int(one["n"] or 0))
        for one in bins
        if one["confidence"] is not None and one["accuracy"] is not None
    ]
    total = sum(n for _, _, n in full)
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(4.6, 3.8))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
        axes.plot([x for x, _, _ in full], [y for _, y, _ in full], color=BLUE, linewidth=1)
        sizes = [20 + 380 * n / max(total, 1) for _, _, n in full]
        axes.scatter(
            [x for x, _, _ in full],
            [y for _, y, _ in full],
            s=sizes,
            color=BLUE,
            edgecolor=INK,
            zorder=3,
            label="bin, larger for more pairs",
        )
        axes.set(
            xlabel="confidence of the prediction",
            ylabel="accuracy",
            xlim=(0, 1),
            ylim=(0, 1.04),
            title=f"n = {total:,}",
        )
        axes.legend(loc="lower right", markerscale=0.6)
    return figure


def coverage_figure(points: Sequence[Mapping[str, float]]) -> Figure:
    """Accuracy on the most confident share of the pairs (`coverage`, `accuracy`, `n`), against that share."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(4.6, 3.8))
        axes = figure.subplots()
        axes.plot(
            [one["coverage"] for one in points], [one["accuracy"] for one in points], "o-", color=BLUE, markersize=4
        )
        total = max((int(one["n"]) for one in points), default=0)
        axes.set(
            xlabel="share of pairs answered, the most confident first",
            ylabel="accuracy on them",
            xlim=(0, 1.02),
            title=f"n = {total:,}",
        )
    return figure


def target_figure(
    scores: Sequence[tuple[str, float, int]], *, score: str = "macro-F1", most: int = MOST_TARGETS
) -> Figure:
    """Score per target as (name, score, n): the `most` targets with the largest n, the largest on top."""
    kept = sorted(scores, key=lambda one: -one[2])[:most][::-1]
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 1.1 + 0.28 * len(kept)))
        axes = figure.subplots()
        axes.hlines(range(len(kept)), 0, [value for _, value, _ in kept], color=GREY, linewidth=1.5)
        axes.plot([value for _, value, _ in kept], range(len(kept)), "o", color=BLUE, markeredgecolor=INK)
        axes.set_yticks(range(len(kept)), [f"{_short(name)} (n = {n:,})" for name, _, n in kept])
        axes.set(
            xlabel=score,
            xlim=(0, 1.02),
            title=f"n = {sum(n for _, _, n in kept):,} pairs on {len(kept)} of {len(scores):,} targets",
        )
    return figure


def learning_curve_figure(points: Sequence[Mapping[str, float | None]], *, score: str = "macro_f1") -> Figure:
    """Score on held-out articles against the number of training articles, every run a mark, their mean a line.

    A point has `articles` and the score, one point a seed and size; those without a score (None, NaN) are left out.
    """
    runs = sorted(
        (float(one["articles"] or 0), float(value))
        for one in points
        if (value := one[score]) is not None and not math.isnan(value)
    )
    means = {size: [value for other, value in runs if other == size] for size, _ in runs}
    seeds = max((len(values) for values in means.values()), default=0)
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(5.2, 3.8))
        axes = figure.subplots()
        axes.plot(list(means), [sum(values) / len(values) for values in means.values()], color=BLUE, label="mean")
        axes.plot(
            [size for size, _ in runs],
            [value for _, value in runs],
            "o",
            color="none",
            markeredgecolor=INK,
            label="a run",
        )
        axes.set(
            xlabel="training articles",
            ylabel=score.replace("_", "-").replace("f1", "F1"),
            title=f"n = {len(runs)} runs, up to {seeds} a size",
        )
        axes.legend(loc="lower right")
    return figure


def memory_figure(points: Sequence[Mapping[str, float]], *, model: str) -> Figure:
    """The most memory a run held (`peak`, MiB) against its rows (`rows`), on a scale from nothing, so that flat looks flat."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(5.2, 3.4))
        axes = figure.subplots()
        axes.plot([one["rows"] for one in points], [one["peak"] for one in points], "o-", color=BLUE)
        for one in points:
            axes.annotate(
                f"{one['peak']:,.0f}", (one["rows"], one["peak"]), (0, 7), textcoords="offset points", ha="center"
            )
        axes.set(
            xscale="log",
            xlabel="rows of the input",
            ylabel="most memory held, MiB",
            ylim=(0, 1.25 * max(one["peak"] for one in points)),
            title=f"predict with {model}, a process for each of n = {len(points)} runs",
        )
    return figure


def figure_svg(figure: Figure, *, title: str) -> str:
    """The figure as an <svg> element for a page, with `title` as its name; the same figure gives the same text."""
    FigureCanvasSVG(figure)
    stream = io.StringIO()
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # names in other scripts: the browser has the letters
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    svg = stream.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    used = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda name: name.group() if name.group(1) in used else "", svg)  # one id a page
    return svg.replace(INK, "currentColor").replace("<svg ", '<svg role="img" ', 1).strip()


def _short(name: str) -> str:
    name = " ".join(printable(name).split())
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
