"""docs/retrain.md, tried from nothing: its commands are run as they are printed, in an empty folder."""

import csv
import json
import logging
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quotestance.cli import app
from quotestance.data.errors import QuotestanceError
from quotestance.training.recipe import Recipe, read_recipe

PAGE = (Path(__file__).parent.parent / "docs" / "retrain.md").read_text(encoding="utf-8")
SAID = {
    "favor": "We welcome {} and will vote for it.",
    "against": "{} is a disgrace and must be stopped.",
    "neutral": "The council meets on Monday and will hear a report on {}.",
}


def blocks(kind: str) -> list[str]:
    """The fenced blocks of a kind, in their order, without the margin of the step they stand in."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return ["".join(line[len(margin) :] or "\n" for line in block.splitlines(keepends=True)) for margin, block in found]


def run(command: str) -> str:
    program, *arguments = shlex.split(command)
    assert program == ".venv/bin/quotestance"
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    logger = logging.getLogger("quotestance")
    level, handlers = logger.level, list(logger.handlers)
    monkeypatch.chdir(tmp_path)
    yield
    logger.setLevel(level)
    for handler in set(logger.handlers) - set(handlers):  # the run's log file
        logger.removeHandler(handler)
        handler.close()


def write_table(labels: tuple[str, ...] = tuple(SAID)) -> None:
    """mine.csv under the page's own heading: twelve articles with a row a label."""
    rows = [
        (f"{number}-{label}", f"article-{number}", said.format(f"plan {number}"), f"plan {number}", label, "the mayor")
        for number in range(12)
        for label, said in zip(labels, SAID.values(), strict=True)
    ]
    with open("mine.csv", "w", encoding="utf-8", newline="") as file:
        file.write(blocks("csv")[0].splitlines()[0] + "\n")
        csv.writer(file).writerows(rows)


def test_every_step_of_the_walk_does_what_the_page_says() -> None:
    write_table()
    Path("mine.toml").write_text(blocks("toml")[0], encoding="utf-8")
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    words = [shlex.split(command)[1] for command in commands]
    assert words == ["validate", "split", "train", "evaluate", "evaluate", "compare"]
    said = [run(command) for command in commands]
    assert "nothing wrong" in said[0]
    assert "Wrote models/mine" in said[2]
    settings = json.loads(Path("models/mine/quotestance.json").read_text(encoding="utf-8"))
    frozen = json.loads(Path("split.json").read_text(encoding="utf-8"))["parts"]
    assert sum(settings["train_labels"].values()) == frozen["train"]["pairs"] < 36
    assert settings["dev"]["mine.csv"]["n"] == frozen["dev"]["pairs"]
    for folder, model in (("report", "mine@"), ("report-before", "stance-small@")):
        report = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))
        assert report["n"] == frozen["test"]["pairs"]
        assert model in report["provenance"]["annotators"][0]
        assert Path(folder, "report.html").exists()
    assert re.search(r"macro-F1 .* difference", said[5])
    assert "stance-small" in Path("models/mine/README.md").read_text(encoding="utf-8")


def test_the_rows_and_the_article_that_the_page_shows_are_valid() -> None:
    Path("shown.csv").write_text(blocks("csv")[0], encoding="utf-8")
    assert "3 records: nothing wrong" in run(".venv/bin/quotestance validate shown.csv")
    Path("articles").mkdir()
    Path("articles/17.json").write_text(blocks("json")[0], encoding="utf-8")
    assert "nothing wrong" in run(".venv/bin/quotestance validate articles/")


def test_a_folder_of_articles_goes_the_same_way_as_a_table() -> None:
    Path("articles").mkdir()
    for number in range(12):
        Path(f"articles/{number}.json").write_text(json.dumps(annotated(number)), encoding="utf-8")
    recipe = blocks("toml")[0].replace("mine.csv", "articles/")
    assert recipe.count("articles/") == 2
    Path("mine.toml").write_text(re.sub(r"epochs = \d+", "epochs = 1", recipe), encoding="utf-8")
    steps = [line.replace("mine.csv", "articles/") for block in blocks("sh") for line in block.splitlines()]
    said = [run(steps[step]) for step in (0, 1, 2, 4)]
    assert "nothing wrong" in said[0]
    parts = json.loads(Path("split.json").read_text(encoding="utf-8"))["parts"]
    assert sorted(name for part in parts.values() for name in part["groups"]) == sorted(
        f"article-{n}" for n in range(12)
    )
    assert json.loads(Path("report/report.json").read_text(encoding="utf-8"))["n"] == parts["test"]["pairs"]


def annotated(number: int) -> dict[str, Any]:
    """The page's article with a quote of each label."""
    article: dict[str, Any] = json.loads(blocks("json")[0])
    text, quotes = "", []
    for label, words in SAID.items():
        quote = words.format("the port deal")
        start = len(text) + 1
        text += f'"{quote}" the mayor said. '
        [given] = article["quotes"]
        spans = [{"start": start, "end": start + len(quote), "text": quote}]
        stances = [{"target": "sale", "label": label, "annotator": "gold"}]
        quotes.append({**given, "id": f"q-{label}", "spans": spans, "stances": stances})
    return {**article, "id": f"article-{number}", "text": text, "quotes": quotes}


def test_labels_of_ones_own_are_checked_as_the_page_says_and_the_shipped_model_is_refused_on_them() -> None:
    write_table(("pro", "con", "none"))
    [command] = re.findall(r"`(\.venv/bin/quotestance validate [^`]*--labels[^`]*)`", PAGE)
    assert "nothing wrong" in run(command)
    validate, split, _, before, *_ = [line for block in blocks("sh") for line in block.splitlines()]
    with pytest.raises(AssertionError, match="pro"):
        run(validate)
    run(split)
    with pytest.raises(QuotestanceError, match=r"pro.*favor, against, neutral"):
        run(before)


def test_a_split_refuses_a_table_that_has_changed() -> None:
    write_table()
    _, split, _, before, *_ = [line for block in blocks("sh") for line in block.splitlines()]
    run(split)
    with open("mine.csv", "a", encoding="utf-8") as file:
        file.write('new,article-3,"We welcome it.",plan 3,favor,the mayor\n')
    with pytest.raises(QuotestanceError, match="has changed"):
        run(before)


def test_the_search_that_the_page_shows_belongs_to_a_recipe() -> None:
    Path("mine.toml").write_text(blocks("toml")[0] + "\n" + blocks("toml")[1], encoding="utf-8")
    search = read_recipe("mine.toml").search
    assert search is not None
    assert search.trials == 12
    assert set(search.spaces) == {"learning_rate", "epochs"} <= set(Recipe.model_fields)


def test_every_command_of_the_page_is_written_as_it_can_be_given() -> None:
    assert not re.findall(r"(?<![/\w.-])quotestance (?:validate|split|train|evaluate|compare)\b", PAGE)
    assert not re.findall(r"(?<!python -m )\bpip install", PAGE)
