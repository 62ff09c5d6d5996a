"""Benchmarks are files that say what is measured; results stand beside published figures with what may be compared."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score
from typer.testing import CliRunner

from quotestance.commands.bench import bench as bench_command
from quotestance.commands.named_material import NamedModel
from quotestance.data.errors import QuotestanceError
from quotestance.data.labels import CODEBOOK
from quotestance.data.pairs import Pair
from quotestance.evaluate.benchmarks import (
    Benchmark,
    BenchmarkError,
    Result,
    benchmark_pairs,
    leaderboard,
    leaderboard_markdown,
    read_benchmark,
    read_benchmarks,
    read_results,
    run_benchmark,
    write_between_markers,
    write_results,
)
from quotestance.evaluate.macro_f1 import macro_f1
from quotestance.models.baselines import MajorityClassifier, TfidfClassifier

OWN = Path(__file__).parent.parent / "evaluate" / "benchmarks"
LABELS = ("favor", "against", "neutral")
FILE = """
name = "small"
title = "A small one"
material = "{material}"
train = ["{train}"]
subset = {{ seen = false }}

[[published]]
system = "Some|Net"
score = 0.7
paper = "A Paper"
venue = "Proc"
year = 2020
url = "https://example.org/paper"
comparable = "if trained on `train` alone"
why = "a larger model"
"""


def benchmark(**changes: object) -> Benchmark:
    published = {
        "system": "SomeNet",
        "score": 0.7,
        "paper": "A Paper",
        "venue": "Proc",
        "year": 2020,
        "comparable": "if trained on `train` alone",
        "why": "a larger model",
    }
    return Benchmark.model_validate(
        {
            "name": "small",
            "title": "A small one",
            "material": "x/test",
            "train": ("x/train",),
            "published": (published,),
            **changes,
        }
    )


def pairs(n: int = 12) -> list[Pair]:
    return [
        Pair(
            id=str(i), text=f"text {i}", target="t", label=LABELS[i % 3], group=f"g{i // 2}", extra={"seen": i % 2 == 0}
        )
        for i in range(n)
    ]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from([*LABELS, "other", ""])), min_size=1, max_size=40))
def test_macro_f1_equals_scikit_learns(rows):
    gold, predicted = zip(*rows, strict=True)
    occurring = [label for label in LABELS if label in gold or label in predicted]
    expected = f1_score(gold, predicted, labels=occurring, average="macro", zero_division=0)
    assert macro_f1(gold, predicted, labels=LABELS, rounds=2).value == pytest.approx(expected)


def test_a_prediction_outside_two_labels_is_wrong_by_hand():
    # favor: hits 1, gold 2, predicted 1: 2/3; against: hits 1, gold 2, predicted 2: 1/2
    score = macro_f1(
        ["favor", "favor", "against", "against"], ["favor", "against", "neutral", "against"], labels=LABELS[:2]
    )
    assert score.value == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_the_interval_is_over_groups():
    gold = ["favor", "against"] * 40
    predicted = [label if i < 40 else "neutral" for i, label in enumerate(gold)]
    by_row = macro_f1(gold, predicted, [str(i) for i in range(80)], labels=LABELS)
    by_group = macro_f1(gold, predicted, [str(i // 10) for i in range(80)], labels=LABELS)
    assert by_row.value == by_group.value
    assert by_group.interval[1] - by_group.interval[0] > 2 * (by_row.interval[1] - by_row.interval[0])
    assert macro_f1(gold, predicted, ["one"] * 80, labels=LABELS).interval is None


def test_gold_outside_the_labels_and_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="Gold has neutral"):
        macro_f1(["neutral"], ["favor"], labels=LABELS[:2])
    with pytest.raises(ValueError, match="must be as many"):
        macro_f1(["favor"], [], labels=LABELS)


def test_only_the_subset_is_scored_and_its_labels_are_hidden():
    def predict(asked):
        assert all(pair.label is None for pair in asked)
        return [LABELS[int(pair.id) % 3] for pair in asked]

    result = run_benchmark(benchmark(subset={"seen": False}), pairs(), predict, model="oracle")
    assert (result.n, result.score, result.outside) == (6, 1.0, 0)


def test_neutral_predictions_are_wrong_and_counted_where_the_corpus_has_two_sides():
    two = benchmark(metric="f1_avg", labels=("favor", "against"))
    result = run_benchmark(
        two,
        pairs(),
        lambda asked: ["neutral" if pair.id == "0" else LABELS[int(pair.id) % 3] for pair in asked],
        model="m",
    )
    # eight pairs of two sides; favor: hits 3 of 4, predicted 3: 6/7; against: 1
    assert result.n == 8
    assert result.outside == 1
    assert result.score == pytest.approx((6 / 7 + 1) / 2)


def test_a_copy_with_another_number_of_pairs_is_refused():
    with pytest.raises(BenchmarkError, match=r"12 pairs where the benchmark has 13.*card"):
        benchmark_pairs(benchmark(pairs=13), pairs())


def test_a_subset_without_pairs_is_refused():
    with pytest.raises(BenchmarkError, match="no pair of x/test"):
        benchmark_pairs(benchmark(subset={"seen": "maybe"}), pairs())


def test_a_model_that_loses_pairs_is_refused():
    with pytest.raises(BenchmarkError, match="m gave 1 labels for 12 pairs"):
        run_benchmark(benchmark(), pairs(), lambda asked: ["favor"], model="m")


def result(model: str = "ours", score: float = 0.8, **changes: object) -> Result:
    return Result(
        **{
            "benchmark": "small",
            "model": model,
            "revision": "r1",
            "score": score,
            "low": 0.75,
            "high": 0.85,
            "n": 100,
            "groups": 20,
            "gold": "abc",
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("trained_on", "comparable"),
    [
        (("x/train",), "yes"),
        (("x/train", "y/train"), "no: trained on x/train, y/train"),
        (None, "no: what it learned from is in its card"),
    ],
)
def test_ours_is_comparable_only_when_trained_on_the_same_alone(trained_on, comparable):
    frame = leaderboard([benchmark()], [result(trained_on=trained_on)])
    assert frame.loc[frame.measured_here, "comparable"].tolist() == [comparable]


def test_who_learned_from_a_part_of_the_training_material_is_comparable_too():
    both = benchmark(train=("x/train", "x/more"))
    frame = leaderboard([both], [result(trained_on=("x/train",)), result("wide", trained_on=("x/more", "y/train"))])
    assert dict(zip(frame.system, frame.comparable, strict=True)) | {"SomeNet": ""} == {
        "ours@r1": "yes",
        "wide@r1": "no: trained on x/more, y/train",
        "SomeNet": "",
    }


def test_the_leaderboard_has_ours_and_theirs_best_first():
    frame = leaderboard(
        [benchmark()], [result(score=0.6), result("better", 0.9), result("elsewhere", benchmark="another")]
    )
    assert frame.system.tolist() == ["better@r1", "SomeNet", "ours@r1"]
    assert frame.measured_here.tolist() == [True, False, True]
    assert frame.comparable.tolist()[1] == "if trained on x/train alone; theirs: a larger model"


def test_the_markdown_has_command_source_interval_and_escaped_bars():
    shown = leaderboard_markdown(
        [
            benchmark(
                published=[{**benchmark().published[0].model_dump(), "system": "Some|Net", "url": "https://a.b/c"}]
            )
        ],
        [result()],
    )
    assert "| **ours@r1** | 0.800 | 0.750–0.850 | 100 |" in shown
    assert "`quotestance bench small --models ours`" in shown
    assert "| Some\\|Net | 0.700 | – | – |" in shown
    assert "[A Paper](https://a.b/c), Proc 2020 |" in shown


def test_a_benchmark_without_any_figure_says_so():
    assert leaderboard_markdown([benchmark(published=())], []).endswith("Not measured yet, and no figure is published.")


def test_the_leaderboard_goes_between_its_markers_and_nowhere_else(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- leaderboard -->\nold\n<!-- /leaderboard -->\nafter\n")
    write_between_markers(readme, "new")
    write_between_markers(readme, "newest")
    assert readme.read_text() == "before\n<!-- leaderboard -->\n\nnewest\n\n<!-- /leaderboard -->\nafter\n"


def test_a_readme_without_markers_is_refused_with_the_lines_to_add(tmp_path):
    (tmp_path / "README.md").write_text("nothing")
    with pytest.raises(BenchmarkError, match="<!-- leaderboard --> <!-- /leaderboard -->"):
        write_between_markers(tmp_path / "README.md", "x")


def test_a_new_result_replaces_that_of_the_same_model_and_others_stay(tmp_path):
    path = tmp_path / "results.json"
    write_results(path, [result(trained_on=("x/train",)), result("other")])
    write_results(path, [result(score=0.5)])
    assert [(one.model, one.score) for one in read_results(path)] == [("other", 0.8), ("ours", 0.5)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "A small one"', 'titel = "x"', r"title: Field required; titel: Extra inputs.*Keys: name, title"),
        ('name = "small"', 'name = "large"', "name and file must be equal"),
        ("score = 0.7", "score = 70", "published.0.score"),
        ("title", "[title", "not valid TOML"),
        ("subset", 'labels = ["favor", "pro"]\nmetric = "f1_avg"\nsubset', "pro not in the codebook"),
        ("subset", 'labels = ["favor", "against"]\nsubset', "'f1_avg' over fewer"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key(tmp_path, old, new, message):
    text = FILE.format(material="a", train="b")
    assert old in text
    (tmp_path / "small.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(BenchmarkError, match=message):
        read_benchmark(tmp_path / "small.toml")


def test_an_unknown_benchmark_is_refused_with_those_there_are():
    with pytest.raises(BenchmarkError, match=r"no benchmark vast.*vast-zero-shot"):
        read_benchmarks(OWN, ["vast"])


def test_the_projects_own_benchmarks_name_a_source_for_every_published_figure():
    own = {one.name: one for one in read_benchmarks(OWN)}
    assert set(own) >= {
        "polnear-every-target",
        "polnear-stance",
        "vast-zero-shot",
        "vast-few-shot",
        "vast-all",
        "newsmtsc-rw",
        "newsmtsc-mt",
        "ibm-claim-stance",
    }
    assert own["polnear-stance"].labelled_by.startswith("a large language model")
    assert own["ibm-claim-stance"].labels == ("favor", "against")
    for one in own.values():
        assert one.material not in (*one.train, one.dev)
        for published in one.published:
            assert 2015 < published.year < 2030
            assert published.url is None or published.url.startswith("https://")


def test_the_command_fits_the_baselines_prints_both_sides_and_writes_the_leaderboard(tmp_path):
    words = ("we welcome it", "we reject it", "it happens on Monday")
    for part in ("train", "test"):
        rows = [
            {
                "id": f"{part}{i}",
                "text": f"{words[i % 3]} {i}",
                "target": "the plan",
                "label": LABELS[i % 3],
                "group": f"{part}{i // 3}",
                "seen": False,
            }
            for i in range(24)
        ]
        (tmp_path / f"{part}.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "small.toml").write_text(FILE.format(material=tmp_path / "test.jsonl", train=tmp_path / "train.jsonl"))
    readme = tmp_path / "README.md"
    readme.write_text("<!-- leaderboard --><!-- /leaderboard -->")
    app = typer.Typer()
    app.command()(bench_command)
    arguments = ["--benchmarks", str(folder), "--models", "tfidf,majority", "--readme", str(readme)]
    shown = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "small: tfidf 1.000 [1.000, 1.000], 24 pairs in 8 groups" in shown.output
    assert "0.700" in shown.output
    assert "tfidf" not in readme.read_text()
    written = CliRunner().invoke(app, [*arguments, "small", "--write"], catch_exceptions=False)
    assert written.exit_code == 0
    assert "**tfidf@" in readme.read_text()
    assert {one.model: one.trained_on for one in read_results(folder / "results.json")}["tfidf"] == (
        str(tmp_path / "train.jsonl"),
    )


@pytest.mark.corpus
@pytest.mark.skipif(
    "QUOTESTANCE_CORPORA" not in os.environ, reason="QUOTESTANCE_CORPORA does not say where the corpora are"
)
@pytest.mark.parametrize("name", [path.stem for path in sorted(OWN.glob("*.toml"))])
def test_the_corpus_has_as_many_pairs_as_the_benchmark_says(name):
    from quotestance.data.material import read_named

    own = read_benchmark(OWN / f"{name}.toml")
    material = own.material if not own.material.startswith("data/") else str(OWN.parents[1] / own.material)
    assert len(benchmark_pairs(own, read_named(material))) == own.pairs


def test_a_missing_corpus_costs_no_other_result_and_is_named_at_the_end(tmp_path):
    row = {"text": "Yes.", "target": "t", "label": "favor", "seen": False}
    (tmp_path / "m.jsonl").write_text(json.dumps(row) + "\n")
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for name, material in (("a", "m"), ("b", "missing"), ("c", "m")):
        text = FILE.format(material=tmp_path / f"{material}.jsonl", train=tmp_path / "m.jsonl")
        (folder / f"{name}.toml").write_text(text.replace('name = "small"', f'name = "{name}"'))
    (tmp_path / "README.md").write_text("<!-- leaderboard --> <!-- /leaderboard -->")
    app = typer.Typer()
    app.command()(bench_command)
    arguments = ["--benchmarks", str(folder), "--models", "majority", "--readme", str(tmp_path / "README.md")]
    done = CliRunner().invoke(app, [*arguments, "--write"])
    assert isinstance(done.exception, QuotestanceError)
    assert "b was not measured" in str(done.exception)
    assert "missing.jsonl: there is no such file" in str(done.exception)
    assert [one.benchmark for one in read_results(folder / "results.json")] == ["a", "c"]
    assert (tmp_path / "README.md").read_text().count("**majority@") == 2


def test_what_was_measured_before_a_crash_is_kept(tmp_path, monkeypatch):
    row = {"text": "Yes.", "target": "t", "label": "favor", "seen": False}
    (tmp_path / "m.jsonl").write_text(json.dumps(row) + "\n")
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "small.toml").write_text(FILE.format(material=tmp_path / "m.jsonl", train=tmp_path / "m.jsonl"))
    monkeypatch.setattr(TfidfClassifier, "fit", lambda pairs: 1 / 0)
    app = typer.Typer()
    app.command()(bench_command)
    done = CliRunner().invoke(app, ["--benchmarks", str(folder), "--models", "majority,tfidf", "--write"])
    assert isinstance(done.exception, ZeroDivisionError)
    assert [one.model for one in read_results(folder / "results.json")] == ["majority"]


def test_a_model_is_asked_once_for_both_ways_of_answering():
    class Counting(MajorityClassifier):
        asked = 0

        def predict_pairs(self, pairs):
            self.asked += 1
            return super().predict_pairs(pairs)

    model = Counting([0.3, 0.1, 0.6], CODEBOOK, "1")
    pairs = [Pair(id="a", text="Yes.", target="t")]
    answers = {way: ask(pairs) for way, ask in NamedModel("m", model, None).ways(("favor", "against")).items()}
    assert answers == {"": ["neutral"], "favor or against only": ["favor"]}
    assert model.asked == 1


def test_a_model_of_more_labels_is_also_asked_for_those_of_the_benchmark_alone(tmp_path):
    """Of the baseline's three labels neutral is likeliest, and favor is likelier than against."""
    counts = {"favor": 3, "against": 1, "neutral": 6}
    rows = [
        {"text": f"{label} {n}", "target": "t", "label": label} for label, many in counts.items() for n in range(many)
    ]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sided = [row for row in rows if row["label"] != "neutral"]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in sided))
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    two = 'metric = "f1_avg"\nlabels = ["favor", "against"]\n'
    text = FILE.format(material=tmp_path / "test.jsonl", train=tmp_path / "train.jsonl").replace(
        "subset = { seen = false }\n", two
    )
    (folder / "small.toml").write_text(text)
    (tmp_path / "README.md").write_text("<!-- leaderboard --> <!-- /leaderboard -->")
    app = typer.Typer()
    app.command()(bench_command)
    arguments = ["--benchmarks", str(folder), "--models", "majority", "--readme", str(tmp_path / "README.md")]
    shown = CliRunner().invoke(app, [*arguments, "--write"], catch_exceptions=False)
    assert "small: majority 0.000" in shown.output
    assert "4 predictions outside its labels" in shown.output
    assert (
        "small: majority, favor or against only 0.429" in shown.output
    )  # favor: 3 of 3 found, 4 predicted: 6/7; against 0
    assert "**majority@" in (tmp_path / "README.md").read_text()
    assert "favor or against only** | 0.429" in (tmp_path / "README.md").read_text()
    assert len(read_results(folder / "results.json")) == 2
