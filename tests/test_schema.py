"""The published JSON Schema: current, valid itself, and of one mind with the reader."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from quotestance.data.convert import LOSSES
from quotestance.data.problems import find_problems
from quotestance.data.schema import PUBLISHED, article_schema, publish, schema_text
from quotestance.data.targets import read_targets

ROOT = Path(__file__).parents[1]
VALID: dict[str, Any] = {
    "format": "quotestance/1",
    "id": "a",
    "text": "She said no.",
    "title": None,
    "desk": {"x": [1]},
    "targets": [{"id": "t", "name": "tax", "kind": "policy", "aliases": ["taxes"], "description": None}],
    "speakers": [{"id": "s", "name": "She"}],
    "quotes": [
        {
            "id": "q1",
            "kind": "indirect",
            "spans": [{"start": 9, "end": 11, "text": "no"}],
            "cue": {"start": 4, "end": 8, "text": "said"},
            "speaker": {"id": "s", "mention": {"start": 0, "end": 3, "text": "She"}},
            "stances": [
                {"target": "t", "label": "against", "annotator": "m", "probabilities": {"favor": 0, "against": 1.0}}
            ],
        },
        {"id": "q2", "kind": None, "speaker": None, "cue": None, "stances": [{"target": "t", "label": None}]},
    ],
}


def at(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        here: Any = record
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = to

    return change


def without(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        here: Any = record
        for step in path[:-1]:
            here = here[step]
        del here[path[-1]]

    return change


ACCEPTED = [
    without("format"),
    without("targets", 0, "kind"),
    without("title"),
    without("quotes", 0, "kind"),
    without("quotes", 1, "stances"),
    at("quotes", to=[]),
    at("quotes", 0, "speaker", to={}),
    at("quotes", 0, "speaker", "id", to=None),
    at("quotes", 0, "more", to=1),
    at("quotes", 0, "stances", 0, "label", to="unclear"),
    at("quotes", 0, "stances", 0, "probabilities", to=None),
    at("labels", to=None),
    at("labels", to=[]),
    at("labels", to=["against", "for"]),
    at("text_ref", to={"corpus": "c"}),
]
REFUSED = [
    at("format", to="quotestance/2"),
    at("format", to=None),
    without("id"),
    at("id", to=""),
    at("id", to=5),
    without("text"),
    at("text", to=None),
    at("text", to=["x"]),
    at("title", to=5),
    at("published", to=2019),
    at("targets", to=None),
    at("targets", to={}),
    at("targets", 0, "name", to=""),
    at("targets", 0, "kind", to="law"),
    at("targets", 0, "aliases", to="x"),
    at("targets", 0, "aliases", to=[1]),
    without("targets", 0, "id"),
    at("speakers", 0, "name", to=None),
    at("speakers", 0, "name", to=""),
    at("speakers", 0, "name", to=" \n"),
    at("speakers", 0, "name", to="\x1c"),
    at("quotes", 0, to="q"),
    at("quotes", 0, "kind", to="spoken"),
    at("quotes", 0, "speaker", to="s"),
    at("quotes", 0, "speaker", to=[]),
    at("quotes", 0, "cue", to={"start": 4, "end": 8}),
    at("quotes", 0, "spans", 0, "start", to=-1),
    at("quotes", 0, "spans", 0, "start", to="9"),
    at("quotes", 0, "spans", 0, "end", to=True),
    at("quotes", 0, "spans", 0, "end", to=11.5),
    at("quotes", 0, "stances", 0, "label", to="pro"),
    at("quotes", 0, "stances", 0, "label", to=1),
    without("quotes", 0, "stances", 0, "target"),
    at("quotes", 0, "stances", 0, "probabilities", to={"favor": "0.5"}),
    at("quotes", 0, "stances", 0, "probabilities", to={"favor": True}),
    at("labels", to=["one"]),
    at("labels", to=["one", "one"]),
    at("labels", to=["one", "unclear"]),
    at("labels", to="favor"),
]
# what JSON Schema can't say: the reader alone refuses these
BEYOND = [
    at("quotes", 0, "spans", 0, "text", to="yes"),
    at("quotes", 0, "spans", 0, "end", to=9),
    at("quotes", 0, "spans", 0, "start", to=9.0),
    at("quotes", 0, "stances", 0, "target", to="x"),
    at("quotes", 0, "speaker", "id", to="x"),
    at("quotes", 1, "id", to="q1"),
]


def verdicts(change: Callable[[dict[str, Any]], None]) -> tuple[bool, bool]:
    record = copy.deepcopy(VALID)
    change(record)
    return jsonschema.Draft202012Validator(article_schema()).is_valid(record), not find_problems(record)


def test_the_published_schema_is_current() -> None:
    assert (ROOT / PUBLISHED).read_text(encoding="utf-8") == schema_text(), "Run: python -m quotestance.data.schema"


def test_the_schema_is_a_valid_schema_of_its_draft_and_declares_it(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(article_schema())
    published = json.loads(publish(tmp_path).read_text(encoding="utf-8"))
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert published == article_schema()


def test_the_gold_articles_follow_the_schema() -> None:
    for path in sorted((ROOT / "data" / "annotated").glob("*.json")):
        jsonschema.Draft202012Validator(article_schema()).validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("change", [lambda record: None, *ACCEPTED])
def test_schema_and_reader_accept_the_same(change: Callable[[dict[str, Any]], None]) -> None:
    assert verdicts(change) == (True, True)


@pytest.mark.parametrize("change", REFUSED)
def test_schema_and_reader_refuse_the_same(change: Callable[[dict[str, Any]], None]) -> None:
    assert verdicts(change) == (False, False)


@pytest.mark.parametrize("change", BEYOND)
def test_what_a_schema_cannot_say_the_reader_checks(change: Callable[[dict[str, Any]], None]) -> None:
    assert verdicts(change) == (True, False)


def test_a_speaker_of_white_space_alone_is_refused_in_words() -> None:
    record = copy.deepcopy(VALID)
    at("speakers", 0, "name", to=" \n")(record)
    assert [str(one) for one in find_problems(record)] == ["speaker s, 'name': may not be white space alone."]


def test_the_example_of_the_format_page_is_a_valid_article_and_so_is_its_targets_file(tmp_path: Path) -> None:
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    example = json.loads(page.split("```json\n")[1].split("```")[0])
    assert find_problems(example) == []
    jsonschema.Draft202012Validator(article_schema()).validate(example)
    (tmp_path / "t.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert [target.id for target in read_targets(tmp_path / "t.toml")] == ["subsidy"]


def test_the_format_page_names_what_every_conversion_loses() -> None:
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for (source, target), lost in LOSSES.items():
        assert f"| {source} → {target} | {'; '.join(lost)} |" in page
