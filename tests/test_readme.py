"""What the README says is so: its commands exist, its files exist, and its scores are the measured ones."""

import json
import re
from pathlib import Path

import pytest

from quotestance.cli import COMMANDS, LazyCommands
from quotestance.models.stance import weights_revision

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = json.loads((ROOT / "evaluate" / "benchmarks" / "results.json").read_text(encoding="utf-8"))


def test_every_command_it_names_exists_and_every_command_is_named() -> None:
    table = README[README.index("| command | from → to |") :]
    named = set(re.findall(r"`([a-z-]+)`", table[: table.index("\n\n")]))
    assert named == set(COMMANDS)
    assert set(re.findall(r"(?:bin/|^    |`)quotestance ([a-z][a-z-]+)", README, re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))])
def test_every_option_that_a_page_shows_is_one_of_the_command(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    shown = re.findall(r"^ {4}(?:\S*/)?quotestance (.+)$|`(?:until )?quotestance ([^`]+)`", text, re.MULTILINE)
    for line in (one or other for one, other in shown):
        first, second, *_ = [*line.replace(";", " ").split(), ""]
        name = f"{first}-{second}" if f"{first}-{second}" in COMMANDS else first
        if name not in COMMANDS:
            assert name.startswith(("-", "…")), line
            continue
        command = LazyCommands().get_command(None, name)
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", line.partition("#")[0])) <= known, line


def test_every_make_target_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z-]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_file_it_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    for link in links:
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize(
    ("model", "row"), [("stance-small", "stance-small (shipped)"), ("tfidf", "TF-IDF"), ("majority", "majority")]
)
def test_its_scores_are_those_of_the_benchmark(model: str, row: str) -> None:
    [result] = [one for one in RESULTS if one["benchmark"] == "polnear-stance" and one["model"] == model]
    shown = next(line for line in README.splitlines() if line.startswith(f"| {row}"))
    assert f"| {result['score']:.3f} [{result['low']:.3f}, {result['high']:.3f}] |" in shown


def test_scores_were_measured_on_the_weights_that_are_shipped() -> None:
    revision = weights_revision(ROOT / "models" / "stance-small")
    assert {one["revision"] for one in RESULTS if one["model"] == "stance-small"} == {revision}
    assert f"stance-small@{revision}" in (ROOT / "evaluate" / "README.md").read_text(encoding="utf-8")
    assert revision in (ROOT / "models" / "stance-small" / "README.md").read_text(encoding="utf-8")
