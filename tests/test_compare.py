"""Which of two models is better, by how much, and with what certainty."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from typer.testing import CliRunner

from quotestance.commands.compare import compare as command
from quotestance.data.errors import FormatError
from quotestance.data.pairs import Pair
from quotestance.evaluate import compare, evaluate
from quotestance.evaluate.align import EvaluationError
from quotestance.evaluate.compare import compare_reports, holm_adjusted, mcnemar_p, permutation_p, run_summary
from quotestance.evaluate.intervals import group_counts
from quotestance.evaluate.report import read_report

LABELS = ("favor", "against", "neutral")
DRAWING = np.random.default_rng(2)
GOLD = [
    Pair(
        id=f"a{at % 20}#{at}",
        text=f"Sentence {at}.",
        target="tunnel",
        label=LABELS[DRAWING.integers(3)],
        group=f"a{at % 20}",
    )
    for at in range(200)
]


def answers(share: float, seed: int) -> list[Pair]:
    """Predictions of which about `share` are right, the rest drawn."""
    drawing = np.random.default_rng(seed)
    return [pair if drawing.random() < share else replace(pair, label=LABELS[drawing.integers(3)]) for pair in GOLD]


def test_a_model_is_no_better_than_itself() -> None:
    found = compare(GOLD, answers(0.6, 1), answers(0.6, 1))
    assert found.difference == 0
    assert found.difference_interval == (0, 0)
    assert found.permutation_p == 1
    assert found.mcnemar_p == 1
    assert found.differences.empty


def test_a_much_better_model_is_better_beyond_chance_and_the_sign_says_which() -> None:
    found = compare(GOLD, answers(0.9, 1), answers(0.2, 2), names=("good", "bad"))
    assert found.difference > 0.2
    assert found.difference_interval is not None
    assert found.difference_interval[0] > 0
    assert found.permutation_p is not None
    assert found.permutation_p < 0.01
    assert found.only_a_right > found.only_b_right
    assert compare(GOLD, answers(0.2, 2), answers(0.9, 1)).difference == -found.difference
    assert "good against bad" in found.to_text()


def test_examples_on_which_models_differ_say_who_is_right() -> None:
    changed = [replace(GOLD[0], label="favor" if GOLD[0].label != "favor" else "against"), *GOLD[1:]]
    found = compare(GOLD, changed, GOLD, names=("new", "old"))
    assert list(found.differences["id"]) == [GOLD[0].id]
    assert found.differences.loc[0, "right"] == "old"


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_that_of_statsmodels(b: int, c: int) -> None:
    assert mcnemar_p(b, c) == pytest.approx(mcnemar([[0, b], [c, 0]], exact=True).pvalue if b + c else 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm_adjusted(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_permutation_of_two_groups_is_near_its_exact_value() -> None:
    # a is right in both articles, b in none: of the 4 ways to swap, 2 are as far apart, so p is 1/2
    gold, groups = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    right, wrong = group_counts(gold, gold, groups, 2), group_counts(gold, 1 - gold, groups, 2)
    assert permutation_p(right, wrong, seed=1, rounds=4000) == pytest.approx(0.5, abs=0.03)


def test_chance_differences_are_rarely_called_certain() -> None:
    p = [compare(GOLD, answers(0.5, seed), answers(0.5, seed + 1000), rounds=200).permutation_p for seed in range(60)]
    assert sum(one is not None and one < 0.05 for one in p) <= 8


def test_one_article_has_no_test_over_articles_and_says_why() -> None:
    gold = [replace(pair, group="a") for pair in GOLD]
    found = compare(gold, answers(0.9, 1), answers(0.2, 2))
    assert found.permutation_p is None
    assert found.difference_interval is None
    assert found.reason is not None
    assert "one group" in found.reason


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    places = []
    for name, share in (("good", 0.9), ("fair", 0.6), ("poor", 0.2)):
        places.append(evaluate(GOLD, answers(share, 3), rounds=50).write(tmp_path / name))
    return places


def test_two_report_folders_are_enough(folders: list[Path], tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(command)
    shown = CliRunner().invoke(app, [str(folders[0]), str(folders[2]), "--out", str(tmp_path / "c.json")])
    assert shown.exit_code == 0, shown.output
    assert "good against poor on 200 pairs of 20 groups" in shown.output
    written = json.loads((tmp_path / "c.json").read_text())
    direct = compare(GOLD, answers(0.9, 3), answers(0.2, 3), names=("good", "poor"))
    assert written == [json.loads(json.dumps(direct.to_json()))]


def test_many_comparisons_are_corrected(folders: list[Path]) -> None:
    from quotestance.evaluate import read_report

    found = compare_reports({folder.name: read_report(folder) for folder in folders})
    assert [(one.a, one.b) for one in found] == [("good", "fair"), ("good", "poor"), ("fair", "poor")]
    assert [one.adjusted_p for one in found] == pytest.approx(holm_adjusted([one.permutation_p or 0 for one in found]))
    assert found[0].adjusted_p != found[0].permutation_p


def test_runs_are_summed_up_as_mean_and_deviation(folders: list[Path]) -> None:
    reports = [evaluate(GOLD, answers(0.6, seed), rounds=0) for seed in range(3)]
    values = [report.macro_f1 for report in reports]
    row = run_summary(reports).loc["macro_f1"]
    assert (row["mean"], row["sd"], row["runs"]) == pytest.approx((np.mean(values), np.std(values, ddof=1), 3))
    app = typer.Typer()
    app.command()(command)
    shown = CliRunner().invoke(app, [*map(str, folders), "--runs"])
    assert "3 runs on 200 pairs: mean ± sd" in shown.output


def test_reports_on_different_gold_are_refused(folders: list[Path], tmp_path: Path) -> None:
    from quotestance.evaluate import read_report

    other = evaluate(GOLD[:100], answers(0.6, 1), rounds=0).write(tmp_path / "other")
    with pytest.raises(EvaluationError, match="different gold"):
        compare_reports({"good": read_report(folders[0]), "other": read_report(other)})


def test_a_report_is_not_compared_by_the_predictions_of_another(folders: list[Path]) -> None:
    (folders[0] / "predictions.jsonl").replace(folders[1] / "predictions.jsonl")  # as a run that was killed leaves them
    with pytest.raises(
        FormatError, match=r"predictions.jsonl: is not of the same evaluation as .*evaluate --out' again"
    ):
        read_report(folders[1])


def test_a_report_without_its_predictions_is_refused(folders: list[Path]) -> None:
    from quotestance.evaluate import read_report

    (folders[1] / "predictions.jsonl").unlink()
    with pytest.raises(EvaluationError, match=r"fair has no predictions.jsonl"):
        compare_reports({folder.name: read_report(folder) for folder in folders[:2]})
