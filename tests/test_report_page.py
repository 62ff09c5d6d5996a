"""An evaluation report as a page: what it says aloud, that it stays small, and that nothing in it becomes markup."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from quotestance.data.pairs import Pair
from quotestance.evaluate.report import Report, evaluate
from quotestance.view.page import percent
from quotestance.view.plots import (
    confusion_figure,
    coverage_figure,
    figure_svg,
    learning_curve_figure,
    reliability_figure,
    target_figure,
)
from quotestance.view.report_page import report_page

LABELS = ("favor", "against", "neutral")
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"</style>"


def pairs(n: int = 60, *, target: str = "the new bridge", words: str = "we will build it") -> list[Pair]:
    """Gold pairs of twelve articles on five targets."""
    made = []
    for number in range(n):
        text = f"Before, in article {number}. “{words} {number}” she said. After."
        start = text.index("“") + 1
        made.append(
            Pair(
                id=f"a{number % 12}#q{number}#t",
                text=text,
                target=f"{target} {number % 5}",
                label=LABELS[number // 2 % 3],
                group=f"a{number % 12}",
                speaker=["Ana Silva", None][number % 2],
                quote=((start, start + len(words)),),
                target_kind="policy",
                quote_kind="direct",
            )
        )
    return made


def predicted(gold: list[Pair], *, chances: bool = True) -> list[Pair]:
    sure = {"favor": 0.6, "against": 0.3, "neutral": 0.1}
    return [
        Pair(
            id=one.id,
            text=one.text,
            target=one.target,
            label="favor",
            annotator="model:tiny@1",
            probabilities=sure if chances else None,
        )
        for one in gold
    ]


def report(gold: list[Pair] | None = None, *, chances: bool = True, **options: Any) -> Report:
    gold = gold or pairs()
    return evaluate(gold, predicted(gold, chances=chances), rounds=20, **options)


class Text(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.attributes, self.rows, self.hidden = "", [], [], [], False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.hidden = tag in ("script", "style")
        if tag == "tr":
            self.rows.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self.hidden else data


def test_the_headline_stands_with_its_interval_and_the_majority_baseline() -> None:
    made = report()
    held = made.to_json()["macro_f1"]
    text = Text(report_page(made)).text
    assert f"macro-F1{held['value']:.3f}[{held['interval'][0]:.3f},\u00a0{held['interval'][1]:.3f}]" in text
    assert "Always answering “" in text


def test_every_mistake_is_a_row_with_its_quote_in_context_and_its_labels() -> None:
    made = report()
    wrong = made.to_json()["mistakes"]
    page = report_page(made)
    read = Text(page)
    assert len([row for row in read.rows if "data-f-gold" in row]) == len(wrong) > 0
    for one in wrong:
        ((start, end),) = one["quote"]
        before, quote, after = one["context"][:start], one["context"][start:end], one["context"][end:]
        assert f'{before}<span class="q">{quote}</span>{after}' in page


def test_leaks_are_told_in_red_with_their_places() -> None:
    gold = pairs()
    page = report_page(report(gold, training=gold[:12]))
    assert '<section class="danger" id="leaks">' in page
    assert "also stand in training" in Text(page).text


def test_no_leak_and_no_training_are_told_apart() -> None:
    other = [Pair(id="z", text="Something else entirely, said in another place.", target="x", label="favor", group="z")]
    assert "No leak:" in Text(report_page(report(training=other))).text
    unknown = report_page(report())
    assert "not known whether" in Text(unknown).text
    assert 'class="danger"' not in unknown


def test_notes_on_the_labels_stand_before_the_scores() -> None:
    text = Text(report_page(report(notes=["Labels made by a language model."]))).text
    assert text.index("Labels made by a language model.") < text.index("Scores", text.index("Provenance"))


def test_labels_and_cells_with_few_examples_are_marked() -> None:
    page = report_page(report(pairs(24)))
    assert '<span class="small">few</span>' in page
    assert '<span class="small">small</span>' in page


def test_nothing_in_a_report_becomes_markup() -> None:
    plain = Text(report_page(report(notes=["x"])))
    read = Text(report_page(report(pairs(target=NASTY, words=NASTY), notes=[NASTY], title=NASTY)))
    assert read.tags.count("script") == plain.tags.count("script") == 1
    assert read.tags.count("style") == plain.tags.count("style")
    assert "img" not in read.tags
    assert not [name for name in read.attributes if name.startswith("on")]
    assert NASTY in read.text


def test_a_report_without_probabilities_has_a_page() -> None:
    text = Text(report_page(report(chances=False))).text
    assert "log loss" not in text
    assert "macro-F1" in text


def test_undefined_scores_and_missing_intervals_are_said() -> None:
    content = json.loads(json.dumps(report().to_json()))
    content["matthews"] = {"value": None, "interval": None}
    content["breakdowns"] = {}
    text = Text(report_page(Report(content))).text
    assert "undefined" in text


def test_one_article_alone_makes_a_page() -> None:
    gold = [pair for pair in pairs() if pair.group == "a0"]
    assert "No intervals" in Text(report_page(report(gold))).text


def test_a_perfect_model_has_no_mistakes() -> None:
    gold = pairs()
    assert "There are none." in Text(report_page(evaluate(gold, gold, rounds=10))).text


@pytest.mark.parametrize("words", ["never again " * 400, "<&>\"'" * 900, "ملا و ما " * 900])
def test_the_page_stays_under_two_megabytes_and_counts_what_it_leaves_out(words: str) -> None:
    made = report(pairs(1000, words=words))
    page = report_page(made)
    assert len(page.encode()) < 2_000_000
    shown = len([row for row in Text(page).rows if "data-f-gold" in row])
    assert shown > 50
    assert f"{shown} of {made.to_json()['mistakes_total']:,} are shown" in Text(page).text


def test_figures_say_n_and_name_their_axes() -> None:
    figures = [
        confusion_figure(LABELS, (*LABELS, "unclear"), [[5, 1, 0, 0], [2, 9, 1, 1], [0, 0, 0, 0]]),
        reliability_figure(
            [{"confidence": 0.7, "accuracy": 0.6, "n": 19}, {"confidence": None, "accuracy": None, "n": 0}]
        ),
        coverage_figure([{"coverage": 0.5, "accuracy": 0.9, "n": 9}, {"coverage": 1.0, "accuracy": 0.8, "n": 19}]),
        target_figure([("a $x_1$ target", 0.5, 12), ("another", 0.7, 7)]),
        learning_curve_figure(
            [
                {"articles": 8, "macro_f1": 0.4},
                {"articles": 16, "macro_f1": 0.5},
                {"articles": 4, "macro_f1": float("nan")},
            ]
        ),
    ]
    for figure, n in zip(figures, (19, 19, 19, 19, 2), strict=True):
        (axes,) = figure.axes
        assert axes.get_xlabel()
        assert axes.get_ylabel() or axes.get_yticklabels()[0].get_text()
        assert f"n = {n}" in axes.get_title()


def test_the_target_figure_keeps_the_largest_targets() -> None:
    svg = figure_svg(target_figure([(f"target {number:02}", 0.5, number + 1) for number in range(30)]), title="Targets")
    assert "target 29" in svg
    assert "target 09" not in svg


def test_a_figure_is_the_same_text_each_time_and_escapes_names() -> None:
    once, again = (
        figure_svg(target_figure([(NASTY, 0.5, 12), ("سلام \ud800", 0.5, 3)]), title=NASTY) for _ in range(2)
    )
    assert once == again
    assert "<script" not in once
    assert "<img" not in once


def test_drawing_leaves_pyplot_alone() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from quotestance.view.plots import coverage_figure, figure_svg; "
        "figure_svg(coverage_figure([{'coverage': 1, 'accuracy': 1, 'n': 1}]), title='x'); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_page_shows_what_abstaining_below_each_p_would_leave() -> None:
    made = report()
    [row] = [row for row in made.to_json()["abstaining"] if row["below"] == 0.6]
    shown = Text(report_page(made)).text
    assert "--abstain-below P" in shown
    assert f"0.6{percent(row['answered'])}{row['n']}{row['accuracy']:.3f}" in shown.replace("\n", "")
    assert "--abstain-below" not in Text(report_page(report(chances=False))).text
