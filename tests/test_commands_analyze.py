"""`analyze` and `extract` from articles on disk to files and tables."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import quotestance.models
from quotestance.commands.analyze import analyze
from quotestance.commands.extract import extract
from quotestance.data.errors import QuotestanceError
from quotestance.data.files import read_articles
from quotestance.models.pipeline import Analyst
from stance_by_words import StanceByWords

TEXT = 'The port will stay, officials said. "We will never sell the port," Mayor Ann Lee told reporters on Monday.\n'


@pytest.fixture
def article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(quotestance.models, "load_stance_model", lambda *_, **__: StanceByWords())
    (tmp_path / "port.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "port.txt"


def call(command: object, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)  # type: ignore[type-var]
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def test_articles_come_out_with_quotes_speakers_and_a_stance_on_every_target(article: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = call(analyze, article, "--target", "sale of the port", "--target", "the mayor", "--out", out)
    assert done.exit_code == 0
    assert "1 article in = 1 out + 0 rejected" in done.output
    (found,) = read_articles(out)
    quote = next(one for one in found.quotes if "never sell" in one.text)
    assert "Ann Lee" in (quote.speaker.name or "")
    assert [stance.target for stance in quote.stances] == ["sale-of-the-port", "the-mayor"]
    assert all(stance.probabilities for stance in quote.stances)


def test_without_out_a_table_fits_a_hundred_columns_and_hides_neutral_stances(article: Path) -> None:
    few = call(analyze, article, "--target", "sale of the port", "--target", "the mayor", "--target", "the city")
    every = call(
        analyze,
        article,
        "--show-all",
        "--target",
        "sale of the port",
        "--target",
        "the mayor",
        "--target",
        "the city",
    )
    assert max(map(len, every.stdout.splitlines())) <= 100
    for word in ("Speaker", "Quote", "Target", "Stance", "neutral"):
        assert word in every.stdout
    assert "not shown" not in every.stdout
    assert "neutral or below 0.6 are not shown (--show-all)" in few.stdout


def test_without_a_target_there_are_quotes_and_a_hint(article: Path, tmp_path: Path) -> None:
    done = call(analyze, article, "--out", tmp_path / "out.jsonl")
    assert "--target" in done.output
    (found,) = read_articles(tmp_path / "out.jsonl")
    assert found.quotes
    assert not any(quote.stances for quote in found.quotes)


def test_that_nothing_is_asked_is_told_before_the_work(
    article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Analyst, "extract_many", stop)
    stopped = call(analyze, article, "--quotes", "rules", "--out", tmp_path / "out.csv")
    assert stopped.exit_code == 130
    assert stopped.stderr.startswith(
        "Warning: Nothing is asked, so there are quotes and speakers only, without stances."
    )


def test_abstaining_gives_unclear(article: Path, tmp_path: Path) -> None:
    call(analyze, article, "--target", "sale of the port", "--abstain-below", "1", "--out", tmp_path / "out.jsonl")
    (found,) = read_articles(tmp_path / "out.jsonl")
    assert {stance.label for quote in found.quotes for stance in quote.stances} == {"unclear"}


def test_extract_writes_a_page_and_the_manifest_beside_it(article: Path, tmp_path: Path) -> None:
    assert call(extract, article, "--out", tmp_path / "out.html").exit_code == 0
    assert "never sell the port" in (tmp_path / "out.html").read_text(encoding="utf-8")
    manifest = json.loads((tmp_path / "out.html.run.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == {"in": 1, "out": 1, "rejected": 0}
    assert manifest["options"]["quotes"].startswith("quotes-small@")


def test_a_table_labelled_by_hand_is_not_overwritten(article: Path, tmp_path: Path) -> None:
    (tmp_path / "keep.csv").write_text("text,target,label\nWe like it,it,favor\n", encoding="utf-8")
    for command in (extract, analyze):
        with pytest.raises(QuotestanceError, match=r"keep\.csv: is not what a run wrote"):
            call(command, article, "--quotes", "rules", "--out", tmp_path / "keep.csv")
    assert {file.name for file in tmp_path.iterdir()} == {"port.txt", "keep.csv"}
    assert "it,favor" in (tmp_path / "keep.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["out.html", "out.csv", "out.jsonl"])
def test_the_same_command_may_be_given_again(article: Path, tmp_path: Path, name: str) -> None:
    for _ in range(2):
        assert call(extract, article, "--quotes", "rules", "--out", tmp_path / name).exit_code == 0


def test_ctrl_c_leaves_a_run_that_resumes_and_exits_with_130(
    article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = StanceByWords.predict_pairs
    out, asked = tmp_path / "out.jsonl", ("--target", "sale of the port")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(StanceByWords, "predict_pairs", stop)
    stopped = call(analyze, article, *asked, "--out", out)
    assert stopped.exit_code == 130
    assert "--resume" in stopped.output
    assert not out.exists()
    monkeypatch.setattr(StanceByWords, "predict_pairs", answer)
    assert call(analyze, article, *asked, "--out", out, "--resume").exit_code == 0
    assert len(list(read_articles(out))) == 1


def test_the_shipped_model_analyzes_an_article(tmp_path: Path) -> None:
    (tmp_path / "port.txt").write_text(TEXT, encoding="utf-8")
    done = call(analyze, tmp_path / "port.txt", "--target", "sale of the port", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "stance-small@" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_a_run_that_finds_no_quotes_in_another_column_asks_whether_it_is_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'id,headline,text\n1,The port stays,"{TEXT.replace(chr(34), chr(34) * 2)}"\n')
    wrong = call(extract, tmp_path / "a.csv", "--text", "headline", "--quotes", "rules", "--out", tmp_path / "w.csv")
    assert "0 quotes in 1 article. Is the article's text in that column (--text)?" in wrong.output
    right = call(extract, tmp_path / "a.csv", "--quotes", "rules", "--out", tmp_path / "r.csv")
    assert "2 quotes in 1 article.\n" in right.output
    again = call(extract, tmp_path / "a.csv", "--quotes", "rules", "--out", tmp_path / "r.csv", "--resume")
    assert "2 quotes in 1 article.\n" in again.output


def test_what_was_rejected_is_told_with_its_reasons_and_a_warning_where_it_is_much(tmp_path: Path) -> None:
    def told(*texts: str) -> Result:
        (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        return call(extract, tmp_path / "a.jsonl", "--quotes", "rules", "--out", tmp_path / "out.jsonl")

    many = told(TEXT, "", " ", TEXT)
    assert many.stdout.endswith("with the rejected.\n  2 rejected: there is no text in it.\n")
    assert "Warning: 50% of the articles were rejected." in many.stderr
    few = told("", *[TEXT] * 9)
    assert few.stdout.endswith("  1 rejected: there is no text in it.\n")
    assert "Warning" not in few.stderr
    assert told(TEXT).stdout.endswith("out.jsonl.\n")


def test_articles_in_another_language_are_counted_and_marked(article: Path, tmp_path: Path) -> None:
    german = "„Wir werden den Hafen nicht verkaufen“, sagte die Ministerin am Montag, und das ist nicht alles.\n"
    (tmp_path / "hafen.txt").write_text(german, encoding="utf-8")
    done = call(extract, article, tmp_path / "hafen.txt", "--quotes", "rules", "--out", tmp_path / "out.jsonl")
    assert "1 article does not read as English" in done.output
    marked = {one.id: one.extra.get("reads_as_english") for one in read_articles(tmp_path / "out.jsonl")}
    assert marked == {"port": None, "hafen": False}
