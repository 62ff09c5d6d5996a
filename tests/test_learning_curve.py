"""A learning curve draws whole articles, larger draws contain smaller ones, and the held-out labels stay hidden."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import typer
from typer.testing import CliRunner

from quotestance.commands.learning_curve import learning_curve as learning_curve_command
from quotestance.data.pairs import Pair
from quotestance.evaluate.learning_curve import LearningCurveError, curve_summary, learning_curve

LABELS = ("favor", "against", "neutral")
WORDS = {"favor": "we welcome it", "against": "we reject it", "neutral": "it takes place on Monday"}


def pairs(part: str, articles: int, per_article: int = 3) -> list[Pair]:
    return [
        Pair(
            id=f"{part}{a}-{n}",
            text=f"{WORDS[LABELS[n % 3]]} number {a}",
            target="the plan",
            label=LABELS[n % 3],
            group=f"{part}{a}",
        )
        for a in range(articles)
        for n in range(per_article)
    ]


def majority(train, heldout, seed):
    label = Counter(pair.label for pair in train).most_common(1)[0][0]
    return [label] * len(heldout)


def test_a_learner_that_needs_ten_articles_rises_at_ten():
    def learner(train, heldout, seed):
        enough = len({pair.group for pair in train}) >= 10
        return [LABELS[int(pair.id.split("-")[1]) % 3] if enough else "favor" for pair in heldout]

    curve = learning_curve(pairs("a", 20), pairs("h", 6), learner, sizes=[5, 10, 20], seeds=[1])
    # always favor: F1 of favor 2 * 6 / (6 + 18) = 0.5, of the others 0
    assert curve.macro_f1.tolist() == pytest.approx([0.5 / 3, 1, 1])
    assert curve.articles.tolist() == [5, 10, 20]
    assert curve.pairs.tolist() == [15, 30, 60]


def test_whole_articles_are_drawn_and_larger_draws_contain_smaller_ones():
    drawn: list[set[str]] = []

    def learner(train, heldout, seed):
        assert all(n == 3 for n in Counter(pair.group for pair in train).values())
        drawn.append({pair.group for pair in train})
        return ["favor"] * len(heldout)

    learning_curve(pairs("a", 30), pairs("h", 5), learner, sizes=[4, 8, 30], seeds=[7])
    assert [len(groups) for groups in drawn] == [4, 8, 30]
    assert drawn[0] < drawn[1] < drawn[2]


def test_other_seeds_draw_other_articles():
    drawn: dict[int, set[str]] = {}

    def learner(train, heldout, seed):
        drawn[seed] = {pair.group for pair in train}
        return ["favor"] * len(heldout)

    learning_curve(pairs("a", 30), pairs("h", 5), learner, sizes=[6], seeds=[1, 2])
    assert drawn[1] != drawn[2]


def test_the_learner_never_sees_held_out_labels():
    def learner(train, heldout, seed):
        assert all(pair.label is None for pair in heldout)
        return ["favor"] * len(heldout)

    assert len(learning_curve(pairs("a", 9), pairs("h", 5), learner, sizes=[9], seeds=[1])) == 1


def test_sizes_double_from_eight_to_all():
    curve = learning_curve(pairs("a", 40), pairs("h", 5), majority, seeds=[1])
    assert curve.articles.tolist() == [8, 16, 32, 40]


def test_a_draw_of_one_label_has_no_score():
    train = [pair.with_label("favor") for pair in pairs("a", 9)]
    curve = learning_curve(train, pairs("h", 5), majority, sizes=[9], seeds=[1, 2])
    assert curve.macro_f1.isna().all()
    assert curve_summary(curve).seeds.tolist() == [0]


def test_the_summary_is_the_mean_and_spread_over_seeds():
    def learner(train, heldout, seed):
        return [LABELS[int(pair.id.split("-")[1]) % 3] if seed == 1 else "favor" for pair in heldout]

    summary = curve_summary(learning_curve(pairs("a", 9), pairs("h", 6), learner, sizes=[9], seeds=[1, 2]))
    assert summary.loc[9, "mean"] == pytest.approx((1 + 0.5 / 3) / 2)
    assert summary.loc[9, "sd"] == pytest.approx((1 - 0.5 / 3) / 2**0.5)


def test_every_row_carries_an_interval_over_held_out_articles():
    row = learning_curve(pairs("a", 9), pairs("h", 6), majority, sizes=[9], seeds=[1]).iloc[0]
    assert row.low <= row.macro_f1 <= row.high
    assert row.n == 18


def test_an_article_in_both_parts_is_refused_by_name():
    with pytest.raises(LearningCurveError, match=r"1 articles stand in training.*e\.g\. a0"):
        learning_curve(pairs("a", 5), [*pairs("h", 5), *pairs("a", 1)], majority)


@pytest.mark.parametrize("sizes", [[0, 3], [6], []])
def test_sizes_that_cannot_be_drawn_are_refused(sizes):
    with pytest.raises(LearningCurveError, match="Choose sizes from 1 to 5"):
        learning_curve(pairs("a", 5), pairs("h", 5), majority, sizes=sizes)


def test_a_learner_that_loses_pairs_is_refused():
    with pytest.raises(LearningCurveError, match="gave 2 labels for 15"):
        learning_curve(pairs("a", 9), pairs("h", 5), lambda *_: ["favor", "favor"], sizes=[9])


def test_the_command_draws_the_curve_of_tfidf_and_writes_its_rows(tmp_path):
    for name, rows in (("train", pairs("a", 16)), ("dev", pairs("h", 6))):
        lines = [
            json.dumps({"id": p.id, "text": p.text, "target": p.target, "label": p.label, "group": p.group})
            for p in rows
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    app = typer.Typer()
    app.command()(learning_curve_command)
    out = tmp_path / "curve.csv"
    arguments = [
        str(tmp_path / "train.jsonl"),
        str(tmp_path / "dev.jsonl"),
        "--sizes",
        "4,16",
        "--seeds",
        "2",
        "--out",
        str(out),
    ]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert len(out.read_text().splitlines()) == 5
    assert "16" in result.output
