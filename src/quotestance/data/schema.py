"""The JSON Schema of an article, made from the records: `python -m quotestance.data.schema` publishes it.

It says what JSON Schema can say. What only the reader can check (that spans hold their words, that ids are declared
and stand once, that a span ends after it starts, that offsets are written without a point) is named in the
description.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quotestance.data.atomic import write_text
from quotestance.data.labels import CODEBOOK, UNCLEAR
from quotestance.data.records import FORMAT, Article

PUBLISHED = Path("data/schema/article.schema.json")  # below the repository's root
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DESCRIPTION = (
    f"One news article in the format {FORMAT}. Beyond this schema a reader checks that text[start:end] of every "
    "span is its text "
    "(offsets are whole numbers and count Unicode code points, end is greater than start), that target and "
    "speaker ids are declared, "
    "that no id stands twice, and that labels are in the declared set. Unknown keys are allowed everywhere and "
    "are kept."
)


def article_schema() -> dict[str, Any]:
    """The schema as a JSON object, draft 2020-12."""
    made = _without_titles(Article.model_json_schema())
    parts = made["$defs"]
    parts["Quote"]["properties"]["speaker"] = {
        "anyOf": [{"$ref": "#/$defs/QuoteSpeaker"}, {"type": "null"}],
        "default": None,
    }
    labels = made["properties"]["labels"]["anyOf"][0]
    labels["anyOf"] = [{"maxItems": 0}, {"minItems": 2, "uniqueItems": True, "items": {"not": {"const": UNCLEAR}}}]
    return {
        "$schema": DIALECT,
        "$id": f"urn:{FORMAT.replace('/', ':article:')}",
        "title": "Article",
        "description": DESCRIPTION,
        **{key: value for key, value in made.items() if key not in ("$defs", "description")},
        "allOf": [_text_or_its_place(), _codebook_labels()],
        "$defs": parts,
    }


def schema_text() -> str:
    """The published file, to the byte."""
    return json.dumps(article_schema(), ensure_ascii=False, indent=2) + "\n"


def publish(root: str | Path = ".") -> Path:
    """Write the schema to its place below the repository's root, and return that place."""
    place = Path(root) / PUBLISHED
    write_text(place, schema_text())
    return place


def _text_or_its_place() -> dict[str, Any]:
    return {
        "if": {"properties": {"text": {"type": "null"}}, "required": ["text"]},
        "then": {"properties": {"text_ref": {"type": "object"}}, "required": ["text_ref"]},
    }


def _codebook_labels() -> dict[str, Any]:
    """Without a label set of its own, an article's labels are the codebook's."""
    stance = {"properties": {"label": {"enum": [*CODEBOOK, UNCLEAR, None]}}}
    quote = {"properties": {"stances": {"items": stance}}}
    own_set = {"properties": {"labels": {"type": "array", "minItems": 1}}, "required": ["labels"]}
    return {"if": {"not": own_set}, "then": {"properties": {"quotes": {"items": quote}}}}


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without the titles that pydantic makes of field names."""

    def cleaned(part: Any, *, names: bool = False) -> Any:
        if isinstance(part, list):
            return [cleaned(one) for one in part]
        if not isinstance(part, dict):
            return part
        return {
            key: cleaned(value, names=key in ("properties", "$defs") and not names)
            for key, value in part.items()
            if names or key != "title"
        }

    made: dict[str, Any] = cleaned(schema)
    return made


if __name__ == "__main__":
    print(publish())
