"""An evaluation report into one page: the scores with their intervals, where they come from, and every mistake to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from quotestance.view.data_table import Cell, Column, Row, data_table, number_cell, row_html, text_cell
from quotestance.view.marked_text import Mark, marked
from quotestance.view.page import counted, escaped, isolated, page, percent
from quotestance.view.plots import (
    confusion_figure,
    coverage_figure,
    figure_svg,
    learning_curve_figure,
    reliability_figure,
    target_figure,
)
from quotestance.view.stance_marks import stance_word

MOST_BYTES = 1_900_000  # of the page; mistakes that would make it longer are counted, not shown
MOST_CELLS = 200  # rows of one breakdown
OPEN_CELLS = 12  # longer breakdowns start folded
FEW = 20  # a label with fewer gold pairs is marked
AROUND = 280  # characters of context before and after the quote
MOST_QUOTE = 1_500  # characters from the first to the last of a quote; the rest is cut

# key in report.json -> its name, and what it is in a sentence
OVERALL = {
    "macro_f1": ("macro-F1", "the mean of the labels' F1, each label counting the same"),
    "accuracy": ("accuracy", "the share of pairs whose label is right"),
    "semeval_favg": ("F_avg", "the mean of F1 on favor and F1 on against (SemEval-2016 task 6)"),
    "balanced_accuracy": ("balanced accuracy", "the mean of the labels' recall"),
    "micro_f1": ("micro-F1", "F1 over all decisions together"),
    "matthews": ("Matthews correlation", "1 is perfect, 0 is chance"),
    "log_loss": ("log loss", "lower is better; what confident mistakes cost"),
    "brier": ("Brier score", "lower is better; squared distance of the probabilities from the truth"),
    "expected_calibration_error": ("calibration error", "lower is better; how far confidence is from accuracy"),
}
BY_TARGET = "Score by target"
HEADLINE = ("macro_f1", "accuracy", "semeval_favg")
PER_LABEL = {"recall": "Recall", "precision": "Precision", "f1": "F1", "one_vs_rest_accuracy": "One-vs-rest accuracy"}

Json = Mapping[str, Any]


class Reported(Protocol):
    """Anything that gives the keys of `report.json`, as `quotestance.evaluate`'s Report does."""

    def to_json(self) -> dict[str, Any]: ...


def report_page(report: Reported) -> str:
    """A self-contained HTML page (no network, under 2 MB) of an evaluation report. All text in it is escaped."""
    data = report.to_json()
    before = "\n".join(
        [
            _header(data),
            "<main>",
            _warnings(data),
            _scores(data),
            _per_label(data),
            _plots(data),
            _abstaining(data),
            *_breakdowns(data),
        ]
    )
    after = f"{_provenance(data)}\n</main>"
    room = MOST_BYTES - len(before.encode()) - len(after.encode())
    return page(data["title"], "\n".join([before, _mistakes(data, room), after]), sheet="report_page.css")


def _header(data: Json) -> str:
    big = "".join(
        f'<div class="score"><dt>{OVERALL[key][0]}</dt><dd>{_value(data[key])}</dd>'
        f'<dd class="soft">{_interval(data[key]) or "no interval"}</dd></div>'
        for key in HEADLINE
        if data.get(key)
    )
    baseline = data.get("majority_baseline")
    always = (
        f"Always answering “{escaped(baseline['label'])}” would give macro-F1 {baseline['macro_f1']:.3f} "
        f"and accuracy {baseline['accuracy']:.3f}. "
        if baseline
        else ""
    )
    links = {
        "scores": "Scores",
        "labels": "Labels",
        "plots": "Plots",
        "breakdowns": "Breakdowns",
        "mistakes": "Mistakes",
        "provenance": "Provenance",
    }
    items = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in links.items())
    return (
        f'<header><h1 dir="auto">{escaped(data["title"])}</h1><dl class="headline">{big}</dl>'
        f"<p>{counted(data['n'], 'pair')} of {counted(data['groups'], 'article or topic', 'articles or topics')}. {always}"
        f'{_how_intervals(data)}</p><nav aria-label="On this page"><ul>{items}</ul></nav></header>'
    )


def _how_intervals(data: Json) -> str:
    how = data.get("intervals") or {}
    if not how or how.get("reason"):  # the reason stands among the warnings
        return ""
    return (
        f"Intervals: {percent(how['level'])}, {escaped(how['method'])}, {how['rounds']:,} rounds, "
        f"seed {escaped(how['seed'])}."
    )


def _warnings(data: Json) -> str:
    """What must be read before the scores: notes on the labels, leaks in red, doubts, what was left out."""
    leaks = data.get("leaks")
    notes = list((data.get("provenance") or {}).get("notes") or [])
    doubts = [one for one in data.get("warnings") or [] if leaks is None or one != leaks["message"]]
    said = (data.get("alignment") or {}).get("messages") or []
    return "".join(
        [
            *(f'<p class="note-box">{isolated(note)}</p>' for note in notes + doubts),
            _leaks(leaks),
            *(f'<p class="soft">{isolated(message)}</p>' for message in said),
        ]
    )


def _leaks(leaks: Json | None) -> str:
    if leaks is None:
        return (
            '<p class="note-box">No training material was named, so it is not known whether these pairs were '
            "trained on.</p>"
        )
    if not leaks["found_total"]:
        return f'<p class="soft">No leak: {isolated(leaks["message"])}</p>'
    columns = [
        Column("What"),
        Column("Held out"),
        Column("In training"),
        Column("Similarity", numeric=True),
        Column("Pairs", numeric=True),
    ]
    rows = [
        Row(
            [
                text_cell(one["kind"]),
                text_cell(one["heldout"]),
                text_cell(one.get("training") or "–"),
                number_cell(one.get("similarity"), ".2f"),
                number_cell(one.get("pairs"), ","),
            ]
        )
        for one in leaks["found"][:MOST_CELLS]
    ]
    shown = f" The first {len(rows)} of {leaks['found_total']:,}:" if leaks["found_total"] > len(rows) else ""
    return (
        f'<section class="danger" id="leaks"><h2>Leak: training and held-out material overlap</h2>'
        f"<p>{isolated(leaks['message'])}{shown}</p>{data_table('leaked', columns, rows)}</section>"
    )


def _scores(data: Json) -> str:
    rows = "".join(
        f'<tr><th scope="row">{title} <div class="meaning">{escaped(meaning)}</div></th>'
        f'<td class="num">{_value(data[key])}</td><td class="num soft">{_interval(data[key])}</td></tr>'
        for key, (title, meaning) in OVERALL.items()
        if data.get(key)
    )
    return (
        f'<section><h2 id="scores">Scores</h2><table class="scores"><thead><tr><th scope="col">Score</th>'
        '<th scope="col" class="num">Value</th><th scope="col" class="num">Interval</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _per_label(data: Json) -> str:
    columns = [
        Column("Label"),
        Column("Gold", numeric=True),
        Column("Predicted", numeric=True),
        *(Column(title, numeric=True) for title in PER_LABEL.values()),
    ]
    rows = []
    for label, one in data["per_label"].items():
        few = ' <span class="small">few</span>' if one["n"] < FEW else ""
        rows.append(
            Row(
                [
                    Cell(stance_word(label) + few, label),
                    number_cell(one["n"], ","),
                    number_cell(one.get("predicted"), ","),
                    *(_score_cell(one.get(key)) for key in PER_LABEL),
                ]
            )
        )
    return (
        f'<section><h2 id="labels">Each label</h2>{data_table("per-label", columns, rows)}<p class="soft">Recall: of the '
        "pairs with this gold label, how many got it. Precision: of the pairs that got it, how many have it. "
        "One-vs-rest accuracy: how often “this label or not” is right. "
        f"“Few”: fewer than {FEW} gold pairs, so hardly a measurement.</p></section>"
    )


def _plots(data: Json) -> str:
    confusion, calibration, coverage = data["confusion"], data.get("calibration"), data.get("coverage")
    figures = [
        ("Gold and predicted labels", confusion_figure(confusion["gold"], confusion["predicted"], confusion["counts"]))
    ]
    if calibration and any(one["n"] for one in calibration["bins"]):
        figures.append(("Is it as sure as it should be?", reliability_figure(calibration["bins"])))
    if coverage:
        figures.append(("If it answers only where it is sure", coverage_figure(coverage)))
    if curve := data.get("learning_curve"):
        figures.append(("Would more articles help?", learning_curve_figure(curve)))
    cells = [one for one in _cells(data, "target") if one["macro_f1"]["value"] is not None]
    large = [one for one in cells if not one.get("small")] or cells
    if len(large) > 1:
        scores = [(one["cell"], one["macro_f1"]["value"], one["n"]) for one in large]
        figures.append((BY_TARGET, target_figure(scores)))
    drawn = "".join(
        f'<figure class="{"large" if title == BY_TARGET else "plot"}"><figcaption>{title}</figcaption><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{title}">{figure_svg(figure, title=title)}</div></figure>'
        for title, figure in figures
    )
    return f'<section><h2 id="plots">Plots</h2><div class="plots">{drawn}</div></section>'


def _abstaining(data: Json) -> str:
    columns = [Column("P", numeric=True), Column("Answered", numeric=True), Column("Pairs", numeric=True)]
    columns.append(Column("Accuracy", numeric=True))
    rows = [
        Row(
            [
                number_cell(one["below"], "g"),
                Cell(percent(one["answered"]), one["answered"]),
                number_cell(one["n"], ","),
                number_cell(one["accuracy"], ".3f"),
            ]
        )
        for one in data.get("abstaining") or ()
    ]
    if not rows:
        return ""
    return (
        '<section><h2 id="abstaining">If it answers only where it is sure</h2><p class="soft">What '
        "<code>--abstain-below P</code> would leave of these pairs: it says “unclear” where the label’s probability is "
        f"below P.</p>{data_table('abstain-below', columns, rows)}</section>"
    )


def _cells(data: Json, name: str) -> Sequence[Json]:
    cells: Sequence[Json] = (data.get("breakdowns") or {}).get(name, {}).get("cells", [])
    return cells


def _breakdowns(data: Json) -> list[str]:
    sections = [_breakdown(name, one, data["labels"]) for name, one in (data.get("breakdowns") or {}).items()]
    return [
        '<section><h2 id="breakdowns">Breakdowns</h2><p class="soft">Choose a heading to sort. Cells marked '
        '<span class="small">small</span> stand on too few pairs or articles to carry a claim.</p>',
        *sections,
        "</section>",
    ]


def _breakdown(name: str, one: Json, labels: Sequence[str]) -> str:
    columns = [
        Column(one["title"].capitalize()),
        Column("Pairs", numeric=True),
        Column("Macro-F1", numeric=True),
        Column("Accuracy", numeric=True),
        Column("Articles", numeric=True),
        *(Column(f"Gold {label}", numeric=True) for label in labels),
    ]
    rows = []
    for cell in one["cells"][:MOST_CELLS]:
        small = ' <span class="small">small</span>' if cell.get("small") else ""
        gold = cell.get("gold") or {}
        rows.append(
            Row(
                [
                    Cell(f'<span dir="auto">{escaped(cell["cell"])}</span>{small}', str(cell["cell"])),
                    number_cell(cell["n"], ","),
                    _score_cell(cell["macro_f1"]),
                    _score_cell(cell["accuracy"]),
                    number_cell(cell["groups"], ","),
                    *(number_cell(gold.get(label, 0), ",") for label in labels),
                ],
                css="few" if cell.get("small") else "",
            )
        )
    total = one.get("total_cells", len(one["cells"]))
    cut = f" The {len(rows)} largest of {total:,} are shown." if total > len(rows) else ""
    macro, micro = one.get("macro_over_cells") or {}, one.get("micro_over_rows") or {}
    means = " · ".join(
        f"{title} over cells {_plain(macro.get(key))}, over pairs {_plain(micro.get(key))}"
        for key, title in (("accuracy", "accuracy"), ("macro_f1", "macro-F1"))
    )
    return (
        f"<details{' open' if len(rows) <= OPEN_CELLS else ''}><summary>By {escaped(one['title'])} "
        f'<span class="soft">({total:,})</span></summary><p class="soft">{means}.{cut}</p>'
        f"{data_table(f'by-{name}', columns, rows)}</details>"
    )


def _mistakes(data: Json, room: int) -> str:
    """The mistakes as rows to read and filter, as many as fit into `room` bytes."""
    mistakes = data.get("mistakes") or []
    total = data.get("mistakes_total", len(mistakes))
    if not total:
        return '<section><h2 id="mistakes">Mistakes</h2><p>There are none.</p></section>'
    columns = [
        Column("Quote in its context", wide=True),
        Column("Speaker"),
        Column("Target"),
        Column("Gold"),
        Column("Predicted"),
        Column("Confidence", numeric=True),
        Column("Probabilities", sorts=False),
    ]
    rows: list[Row] = []
    for mistake in mistakes:
        row = _mistake(mistake, data["labels"])
        # a target may come once more, as a choice of the filter
        room -= len(row_html(row, columns).encode()) + 2 * len(escaped(mistake["target"]).encode()) + 60
        if room < 0:
            break
        rows.append(row)
    cut = f"{len(rows):,} of {total:,} are shown; report.json has more. " if len(rows) < total else ""
    table = data_table(
        "wrong",
        columns,
        rows,
        facets=("gold", "predicted", "target"),
        search=True,
        cards=True,
        what="mistake",
        caption=f"{cut}Choose a heading to sort; the quote is marked.",
    )
    return f'<section><h2 id="mistakes">Mistakes</h2>{table}</section>'


def _mistake(one: Json, labels: Sequence[str]) -> Row:
    sure = one.get("probabilities") or {}
    chances = "".join(f"<div>{stance_word(label)} {percent(sure[label])}</div>" for label in labels if label in sure)
    confidence = one.get("confidence")
    if confidence is None:
        confidence = sure.get(one["predicted"])
    predicted = "no label" if one["predicted"] is None else str(one["predicted"])
    where = " · ".join(isolated(part) for part in (one.get("group"), one.get("quote_kind"), one.get("corpus")) if part)
    return Row(
        [
            Cell(
                f'<div dir="auto">{_in_context(one["context"], one.get("quote") or [])}</div><div class="soft">{where}</div>',
                one.get("id", ""),
            ),
            text_cell(one.get("speaker") or "unknown"),
            text_cell(one["target"]),
            Cell(stance_word(one["gold"]), one["gold"]),
            Cell(stance_word(predicted), predicted),
            number_cell(None) if confidence is None else Cell(percent(confidence), round(confidence, 6)),
            Cell(chances) if chances else Cell("–", missing=True),
        ],
        {"gold": one["gold"], "predicted": predicted, "target": one["target"]},
    )


def _in_context(context: str, quote: Sequence[Sequence[int]]) -> str:
    """The quote marked, with some words before and after it; '…' where the context or a very long quote was cut."""
    first = min((start for start, _ in quote), default=0)
    last = min(max((end for _, end in quote), default=len(context)), first + MOST_QUOTE)
    start, end = max(0, first - AROUND), min(len(context), last + AROUND)
    words = marked(context, [Mark(low, high, "q") for low, high in quote], start, end)
    return f"{'…' if start else ''}{words}{'…' if end < len(context) else ''}"


def _provenance(data: Json) -> str:
    facts = [(key.replace("_", " "), value) for key, value in (data.get("provenance") or {}).items() if key != "notes"]
    facts += [(f"pairs {key}", value) for key, value in (data.get("alignment") or {}).items() if key != "messages"]
    items = "".join(
        f"<dt>{escaped(key)}</dt><dd>{isolated(', '.join(map(str, value)) if isinstance(value, list) else value)}</dd>"
        for key, value in facts
        if value not in (None, [])
    )
    return f'<section><h2 id="provenance">Provenance</h2><dl class="facts">{items}</dl></section>'


def _score_cell(score: Json | None) -> Cell:
    if score is None or score["value"] is None:
        return Cell("–", missing=True)
    interval = _interval(score)
    return Cell(_value(score) + (f' <span class="soft interval">{interval}</span>' if interval else ""), score["value"])


def _value(score: Json) -> str:
    return _plain(score["value"])


def _plain(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _interval(score: Json) -> str:
    return f"[{score['interval'][0]:.3f},\u00a0{score['interval'][1]:.3f}]" if score.get("interval") else ""
