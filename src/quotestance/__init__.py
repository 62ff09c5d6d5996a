"""Reads who stands where in the news: quotes, speakers, and whether each is for or against a target.

    import quotestance as qs
    analyst = qs.load()
    article = analyst.analyze(text, targets=["negotiations with the United States"])

Names are loaded when they are first used: importing the package imports neither torch nor transformers.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quotestance.data.files import read_articles, write_articles
    from quotestance.data.labels import CODEBOOK, LabelSet
    from quotestance.data.material import read_material
    from quotestance.data.pair_tables import read_pairs
    from quotestance.data.pairs import Pair, article_pairs
    from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target
    from quotestance.data.targets import read_targets
    from quotestance.evaluate import compare, evaluate
    from quotestance.inference.analyze_rows import analyze_frame, analyze_stream
    from quotestance.inference.predict import map_batch, predict_stream
    from quotestance.models import load, load_quote_finder, load_stance_model
    from quotestance.models.stance import StanceClassifier
    from quotestance.training.fit import fit
    from quotestance.training.recipe import read_recipe

_HOMES = {
    "data.files": ("read_articles", "write_articles"),
    "data.labels": ("CODEBOOK", "LabelSet"),
    "data.material": ("read_material",),
    "data.pair_tables": ("read_pairs",),
    "data.pairs": ("Pair", "article_pairs"),
    "data.records": ("Article", "Quote", "QuoteSpeaker", "Span", "Speaker", "Stance", "Target"),
    "data.targets": ("read_targets",),
    "evaluate": ("compare", "evaluate"),
    "inference.analyze_rows": ("analyze_frame", "analyze_stream"),
    "inference.predict": ("map_batch", "predict_stream"),
    "models": ("load", "load_quote_finder", "load_stance_model"),
    "models.stance": ("StanceClassifier",),
    "training.fit": ("fit",),
    "training.recipe": ("read_recipe",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CODEBOOK",
    "Article",
    "LabelSet",
    "Pair",
    "Quote",
    "QuoteSpeaker",
    "Span",
    "Speaker",
    "Stance",
    "StanceClassifier",
    "Target",
    "analyze_frame",
    "analyze_stream",
    "article_pairs",
    "compare",
    "evaluate",
    "fit",
    "load",
    "load_quote_finder",
    "load_stance_model",
    "map_batch",
    "predict_stream",
    "read_articles",
    "read_material",
    "read_pairs",
    "read_recipe",
    "read_targets",
    "write_articles",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'quotestance' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"quotestance.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__"]
