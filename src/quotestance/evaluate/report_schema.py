"""The JSON Schema of report.json: `python -m quotestance.evaluate.report_schema` publishes it to evaluate/report.schema.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quotestance.data.atomic import write_text
from quotestance.evaluate.calibration import BINS
from quotestance.evaluate.report import DIGEST, FORMAT, MISTAKE, PROBABILITY_SCORES, WHOLE
from quotestance.evaluate.scores import PER_LABEL

PUBLISHED = Path("evaluate/report.schema.json")  # below the repository's root
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DESCRIPTION = (
    'One evaluation of predictions against gold. A score is {"value": …, "interval": [low, high]}; value is null where the score is undefined '
    "(0 / 0), interval is null where there is one group only (intervals.reason says so) or none is given. Scores that need probabilities are null "
    "without them. Keys may be added; those named here stay."
)

COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
SHA256: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SCORE: dict[str, Any] = {"$ref": "#/$defs/score"}


def report_schema() -> dict[str, Any]:
    """The schema as a JSON object, draft 2020-12."""
    return {
        "$schema": DIALECT,
        "$id": f"https://quotestance/schema/{FORMAT}/report.schema.json",
        "title": "Report",
        "description": DESCRIPTION,
        **_object(
            {
                "format": {"const": FORMAT},
                "title": TEXT,
                "n": COUNT,
                "groups": COUNT,
                "labels": _list(TEXT),
                **dict.fromkeys((*WHOLE, "semeval_favg"), SCORE),
                **{name: _or_null(SCORE) for name in PROBABILITY_SCORES},
                "majority_baseline": _object({"label": TEXT, "accuracy": NUMBER, "macro_f1": NUMBER}),
                "per_label": _map(_object({"n": COUNT, "predicted": COUNT, **dict.fromkeys(PER_LABEL, SCORE)})),
                "confusion": _object({"gold": _list(TEXT), "predicted": _list(TEXT), "counts": _list(_list(COUNT))}),
                "breakdowns": _map({"$ref": "#/$defs/breakdown"}),
                "calibration": _or_null(
                    _object(
                        {
                            "bins": {
                                **_list(
                                    _object(
                                        {
                                            "low": NUMBER,
                                            "high": NUMBER,
                                            "n": COUNT,
                                            "confidence": _or_null(NUMBER),
                                            "accuracy": _or_null(NUMBER),
                                        }
                                    )
                                ),
                                "minItems": BINS,
                            }
                        }
                    )
                ),
                "coverage": _or_null(
                    _list(_object({"coverage": NUMBER, "n": COUNT, "threshold": NUMBER, "accuracy": NUMBER}))
                ),
                "abstaining": _or_null(
                    _list(_object({"below": NUMBER, "n": COUNT, "answered": NUMBER, "accuracy": _or_null(NUMBER)}))
                ),
                "learning_curve": _or_null(_list({"type": "object"})),
                "mistakes": _list(
                    _object(
                        {
                            **{name: _or_null(TEXT) for name in MISTAKE},
                            **dict.fromkeys(("id", "target", "context", "gold", "predicted"), TEXT),
                            "quote": _list(
                                {"type": "array", "prefixItems": [COUNT, COUNT], "minItems": 2, "maxItems": 2}
                            ),
                            "probabilities": _or_null(_map(NUMBER)),
                            "confidence": _or_null(NUMBER),
                        }
                    )
                ),
                "mistakes_total": COUNT,
                "leaks": _or_null(
                    _object(
                        {
                            "heldout_pairs": COUNT,
                            "training_pairs": COUNT,
                            "affected_pairs": COUNT,
                            "affected": _list(TEXT),
                            "found": _list(
                                _object(
                                    {
                                        "kind": TEXT,
                                        "heldout": TEXT,
                                        "training": _or_null(TEXT),
                                        "similarity": NUMBER,
                                        "pairs": COUNT,
                                    }
                                )
                            ),
                            "found_total": COUNT,
                            "estimated": {"type": "boolean"},
                            "message": TEXT,
                        }
                    )
                ),
                "alignment": _object(
                    {
                        **dict.fromkeys(
                            ("gold", "scored", "missing", "extra", "unclear", "unlabelled", "abstained"), COUNT
                        ),
                        "messages": _list(TEXT),
                    }
                ),
                "intervals": _object(
                    {
                        "level": NUMBER,
                        "method": TEXT,
                        "rounds": COUNT,
                        "seed": COUNT,
                        "groups": COUNT,
                        "reason": _or_null(TEXT),
                    }
                ),
                "warnings": _list(TEXT),
                "provenance": _object(
                    {
                        "gold_digest": SHA256,
                        "annotators": _list(TEXT),
                        "gold_annotators": _list(TEXT),
                        "labels": _list(TEXT),
                        "seed": COUNT,
                        "rounds": COUNT,
                        "groups": COUNT,
                        "quotestance": TEXT,
                        "notes": _list(TEXT),
                    }
                ),
            },
            added={DIGEST: _or_null(SHA256)},
        ),
        "$defs": {
            "score": _object(
                {
                    "value": _or_null(NUMBER),
                    "interval": _or_null(
                        {"type": "array", "prefixItems": [NUMBER, NUMBER], "minItems": 2, "maxItems": 2}
                    ),
                }
            ),
            "breakdown": _object(
                {
                    "title": TEXT,
                    "total_cells": COUNT,
                    "left_off": COUNT,
                    "macro_over_cells": _map(_or_null(NUMBER)),
                    "micro_over_rows": _map(_or_null(NUMBER)),
                    "cells": _list(
                        _object(
                            {
                                "cell": TEXT,
                                "n": COUNT,
                                "groups": COUNT,
                                "small": {"type": "boolean"},
                                "accuracy": SCORE,
                                "macro_f1": SCORE,
                                "gold": _map(COUNT),
                            }
                        )
                    ),
                }
            ),
        },
    }


def schema_text() -> str:
    """The published file, to the byte."""
    return json.dumps(report_schema(), ensure_ascii=False, indent=2) + "\n"


def publish(root: str | Path = ".") -> Path:
    """Write the schema to its place below the repository's root, and return that place."""
    place = Path(root) / PUBLISHED
    write_text(place, schema_text())
    return place


def _object(properties: dict[str, Any], *, added: dict[str, Any] | None = None) -> dict[str, Any]:
    """All keys are required but those that were `added` since; others may be added by later versions."""
    return {"type": "object", "required": list(properties), "properties": {**properties, **(added or {})}}


def _map(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


if __name__ == "__main__":
    print(publish())
