"""From a run to a score that people vouch for: a sheet is drawn, labelled by hand, and the run's answers are scored on it."""

import csv
import json
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import quotestance.models
from quotestance.cli import app
from quotestance.commands.analyze import analyze
from quotestance.commands.evaluate import evaluate
from quotestance.commands.predict import predict
from quotestance.commands.sample import sample
from quotestance.data.errors import FormatError, QuotestanceError
from quotestance.data.material import read_material
from quotestance.data.pair_tables import read_pairs
from quotestance.inference.sample import write_sheet
from stance_by_words import StanceByWords

ROOT = Path(__file__).parent.parent
SAID = (
    '"We will never sell the port," Mayor Ann Lee told reporters on Monday.\n\n'
    '"The port, as I see it," said Bob Moe, "is a burden\n  to the city." He left.\n\n'
    '"The port pays for our schools," Ann Lee said.\n'
)
ARTICLES = 4
TARGETS = ("--target", "sale of the port", "--target", "the schools")


def call(command: object, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)  # type: ignore[type-var]
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(quotestance.models, "load_stance_model", lambda *_, **__: StanceByWords())
    (tmp_path / "news").mkdir()
    for number in range(ARTICLES):
        (tmp_path / "news" / f"port-{number}.txt").write_text(
            f"Issue {number} of the paper.\n\n{SAID}", encoding="utf-8"
        )
    return tmp_path / "news"


@pytest.fixture
def run(articles: Path, tmp_path: Path) -> Path:
    """What analyze writes of four articles with three quotes and two targets each."""
    call(analyze, articles, *TARGETS, "--quotes", "rules", "--out", tmp_path / "stances.jsonl")
    return tmp_path / "stances.jsonl"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def labelled(sheet: Path, labels: list[str]) -> None:
    """Fill the column `label`, as a person with a spreadsheet does."""
    rows = rows_of(sheet)
    with sheet.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "label": label} for row, label in zip(rows, labels, strict=True))


def test_a_run_is_sampled_labelled_by_hand_and_scored_by_article(run: Path, tmp_path: Path) -> None:
    sheet, report = tmp_path / "sheet.csv", tmp_path / "report"
    told = call(sample, run, "--rows", 20, "--out", sheet).output
    assert "20 of 24 answered questions" in told
    assert f"quotestance evaluate {sheet} {tmp_path / 'sheet.answers.csv'} --out report/" in told
    answers = [row["label"] for row in rows_of(tmp_path / "sheet.answers.csv")]
    other = {"favor": "against", "against": "neutral", "neutral": "favor"}
    labelled(sheet, ["", ""] + [other[label] for label in answers[2:7]] + answers[7:])
    call(evaluate, sheet, tmp_path / "sheet.answers.csv", "--out", report, "--rounds", 20)
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert found["n"] == 18
    assert found["accuracy"]["value"] == pytest.approx(13 / 18)
    assert found["accuracy"]["interval"] is not None
    assert found["groups"] == ARTICLES
    assert found["title"].startswith("by-words@1 on 18 pairs")
    assert found["brier"] is not None
    assert "2 gold pairs have no label and are not scored." in found["alignment"]["messages"]


def test_the_walk_that_the_docs_show_is_one_from_the_seeds_to_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = quotestance.models.load_quote_finder("rules")
    monkeypatch.setattr(quotestance.models, "load_quote_finder", lambda *_, **__: rules)
    monkeypatch.setattr(quotestance.models, "load_stance_model", lambda *_, **__: StanceByWords())
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    walk = page[page.index("## How right is it") :].split("\n\n")[2]
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    analyzing, sampling, evaluating = (shlex.split(line)[1:] for line in walk.splitlines())
    for line in (analyzing, sampling):
        assert CliRunner().invoke(app, line, catch_exceptions=False).exit_code == 0
    labelled(Path("demo/sheet.csv"), ["favor", "against"] * 20 + [""] * (len(rows_of(Path("demo/sheet.csv"))) - 40))
    done = CliRunner().invoke(app, evaluating, catch_exceptions=False)
    assert "by-words@1 on 40 pairs of 2 groups" in done.output
    assert Path("demo/scored/report.html").is_file()


def test_the_sheet_shows_the_question_and_not_the_answer(run: Path, tmp_path: Path) -> None:
    write_sheet(run, tmp_path / "sheet.csv", rows=1000)
    frame = pd.read_csv(tmp_path / "sheet.csv")
    assert list(frame) == ["id", "group", "text", "quote", "speaker", "target", "label"]
    assert frame["label"].isna().all()
    assert len(frame) == 24
    assert [*frame["id"]] != sorted(frame["id"])
    for words in ("favor", "by-words", "0."):
        assert words not in (tmp_path / "sheet.csv").read_text(encoding="utf-8")


def test_a_quote_is_shown_by_its_words_in_their_context_and_read_back_at_their_place(run: Path, tmp_path: Path) -> None:
    write_sheet(run, tmp_path / "sheet.csv", rows=1000)
    asked = {pair.id: pair for pair in read_pairs(tmp_path / "sheet.csv")}
    for pair in read_material(run):
        shown = asked[pair.id]
        assert shown.quote_text == " ".join(pair.quote_text.split())
        assert len(shown.quote) == len(pair.quote)
        assert "of the paper." in shown.text
        assert (shown.speaker, shown.target, shown.group) == (pair.speaker, pair.target, pair.group)
    assert any(len(pair.quote) == 2 for pair in asked.values())


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet", "folder"])
def test_whatever_analyze_writes_gives_the_same_questions_and_answers(
    articles: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / ("stances" if ending == "folder" else f"stances.{ending}")
    call(analyze, articles, *TARGETS, "--quotes", "rules", "--out", tmp_path / "all.jsonl")
    call(analyze, articles, *TARGETS, "--quotes", "rules", "--out", out)
    write_sheet(out, tmp_path / "sheet.csv", rows=1000)
    answers = read_pairs(tmp_path / "sheet.answers.csv")
    assert {(pair.id, pair.label, pair.model) for pair in answers} == {
        (pair.id, pair.label, pair.model) for pair in read_material(tmp_path / "all.jsonl")
    }
    assert all(sum((pair.probabilities or {}).values()) == pytest.approx(1, abs=1e-5) for pair in answers)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("label", [{}, {"label": "neutral"}], ids=["questions", "labelled"])
def test_what_predict_writes_of_a_table_is_sampled_under_its_own_columns(
    articles: Path, tmp_path: Path, ending: str, label: dict[str, str]
) -> None:
    posts = [
        {"post": f"Post {number}.", "issue": "the port", "forum": f"f{number % 3}", **label} for number in range(9)
    ]
    pd.DataFrame(posts).to_csv(tmp_path / "posts.csv", index=False)
    out = tmp_path / f"answered.{ending}"
    call(predict, tmp_path / "posts.csv", "--text", "post", "--target", "issue", "--out", out)
    call(sample, out, "--text", "post", "--target", "issue", "--group", "forum", "--out", tmp_path / "sheet.csv")
    (by_words,) = {row["annotator"] for row in rows_of(tmp_path / "sheet.answers.csv")}
    assert by_words == "model:by-words@1"
    answers = {pair.text: pair for pair in read_pairs(tmp_path / "sheet.answers.csv")}
    expected = StanceByWords().predict_pairs([answers[f"Post {number}."] for number in range(9)])
    assert [answers[f"Post {number}."].label for number in range(9)] == [one.label for one in expected]
    assert {pair.group for pair in answers.values()} == {"f0", "f1", "f2"}
    with pytest.raises(FormatError, match=r"no column 'fourm'; there are: .*forum.*--group COLUMN"):
        call(sample, out, "--text", "post", "--target", "issue", "--group", "fourm", "--out", tmp_path / "other.csv")


def test_every_question_has_the_same_chance_and_the_same_seed_draws_the_same(run: Path, tmp_path: Path) -> None:
    drawn = Counter[str]()
    for seed in range(200):
        write_sheet(run, tmp_path / f"{seed}.csv", rows=6, seed=seed)
        drawn.update(row["id"] for row in rows_of(tmp_path / f"{seed}.csv"))
    assert len(drawn) == 24
    assert all(25 <= times <= 80 for times in drawn.values())  # 50 expected, standard deviation 6.1
    write_sheet(run, tmp_path / "again.csv", rows=6, seed=7)
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "7.csv").read_bytes()
    assert (tmp_path / "again.csv").read_bytes() != (tmp_path / "8.csv").read_bytes()


def test_drawn_by_label_every_label_has_as_many_rows_and_the_report_is_told(run: Path, tmp_path: Path) -> None:
    of = Counter(pair.label for pair in read_material(run))
    told = call(sample, run, "--rows", 9, "--by-label", "--out", tmp_path / "sheet.csv").output
    drawn = Counter(row["label"] for row in rows_of(tmp_path / "sheet.answers.csv"))
    assert len(of) == 3
    assert all(drawn[label] == min(3, times) for label, times in of.items())
    assert "--note \"Drawn evenly from the model's labels" in told


def test_labels_made_by_hand_are_never_written_over(run: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    write_sheet(run, sheet, rows=5)
    labelled(sheet, ["favor"] * 5)
    before = sheet.read_bytes()
    with pytest.raises(FormatError, match="is there already, and labels made by hand are never written over"):
        write_sheet(run, sheet, rows=5, seed=14)
    assert sheet.read_bytes() == before
    sheet.unlink()
    with pytest.raises(FormatError, match=r"sheet\.answers\.csv: is there already"):
        write_sheet(run, sheet, rows=5, seed=14)
    assert not sheet.exists()


def test_what_people_labelled_is_not_drawn(run: Path, tmp_path: Path) -> None:
    record = json.loads(run.read_text(encoding="utf-8").splitlines()[0])
    for quote in record["quotes"][1:]:
        for stance in quote["stances"]:
            stance["annotator"] = "gold"
    (tmp_path / "mixed.jsonl").write_text(json.dumps(record), encoding="utf-8")
    assert write_sheet(tmp_path / "mixed.jsonl", tmp_path / "sheet.csv").of == 2
    for quote in record["quotes"]:
        quote["stances"] = []
    (tmp_path / "gold.jsonl").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(FormatError, match=r"gold\.jsonl: holds no answer of a model.*quotestance analyze"):
        write_sheet(tmp_path / "gold.jsonl", tmp_path / "other.csv")


def test_words_that_stand_twice_are_shown_in_a_context_in_which_they_stand_once(tmp_path: Path) -> None:
    text = '"No." ' + "Long words stand in between here. " * 10 + 'She said "No." and left.'
    start = text.rindex("No.")
    record = {
        "format": "quotestance/1", "id": "a", "text": text, "targets": [{"id": "t", "name": "the tax"}],
        "quotes": [
            {
                "id": "q1", "spans": [{"start": start, "end": start + 3, "text": "No."}],
                "stances": [{"target": "t", "label": "against", "annotator": "model:m@1"}],
            }
        ],
    }  # fmt: skip
    (tmp_path / "run.jsonl").write_text(json.dumps(record), encoding="utf-8")
    write_sheet(tmp_path / "run.jsonl", tmp_path / "sheet.csv")
    (pair,) = read_pairs(tmp_path / "sheet.csv")
    assert pair.text.startswith("… ")
    assert pair.text.endswith('She said "No." and left.')
    assert pair.quote_text == "No."


def test_a_run_is_no_gold_for_the_model_that_wrote_it(run: Path, articles: Path, tmp_path: Path) -> None:
    with pytest.raises(QuotestanceError, match=r"24 of 24 gold labels.*written by by-words@1.*quotestance sample"):
        call(evaluate, run, run)
    (tmp_path / "posts.csv").write_text("text,target\nPost 1.,the port\nPost 2.,the port\n", encoding="utf-8")
    call(predict, tmp_path / "posts.csv", "--out", tmp_path / "answered.csv")
    for gold in (run, tmp_path / "answered.csv"):
        with pytest.raises(QuotestanceError, match="the model that is scored: it agrees with itself"):
            call(evaluate, gold, "--model", tmp_path)
