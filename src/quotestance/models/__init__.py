"""Quote finding, speaker resolution and stance classification: the models, loaded by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quotestance.data.pairs import Pair
    from quotestance.models.pipeline import Analyst, QuoteFinder
    from quotestance.models.protocol import StanceModel

BASELINES = ("majority", "tfidf")
FINDERS = ("quotes-small", "rules", "textacy")  # what --quotes and --model name, beside folders
DEFAULT_QUOTES, DEFAULT_STANCE = "quotes-small", "stance-small"


def load(
    *, quotes: str | Path = DEFAULT_QUOTES, stance: str | Path | None = DEFAULT_STANCE, device: str | None = None
) -> Analyst:
    """The analyst: a quote finder and a stance model, by shipped name or folder. With `stance=None` it can `extract` alone."""
    from quotestance.models.pipeline import Analyst

    model = load_stance_model(stance, device=device) if stance is not None else None
    return Analyst(load_quote_finder(quotes, device=device), model)


def load_stance_model(
    name: str | Path, *, training: Sequence[Pair] | None = None, device: str | None = None, precision: str = "auto"
) -> StanceModel:
    """A stance model by shipped name or folder; 'majority' and 'tfidf' are fitted on `training` there and then.

    Raises ModelError for an unknown name, and for a baseline without training pairs.
    """
    from quotestance.models.folders import ModelError

    if str(name) in BASELINES:
        from quotestance.models.baselines import MajorityClassifier, TfidfClassifier

        if not training:
            raise ModelError(
                f"'{name}' is a baseline that is fitted when it is used: say on what, with --training MATERIAL."
            )
        return TfidfClassifier.fit(training) if str(name) == "tfidf" else MajorityClassifier.fit(training)
    from quotestance.models.stance import StanceClassifier

    return StanceClassifier.from_pretrained(name, device=device, precision=precision)


def load_quote_finder(name: str | Path, *, device: str | None = None, precision: str = "auto") -> QuoteFinder:
    """A quote finder: 'rules', a learned one by shipped name or folder, or 'textacy' (extra `peers`), to be measured against."""
    if str(name) == "rules":
        from quotestance.models.rules.quote_rules import RuleQuoteFinder

        return RuleQuoteFinder()
    if str(name) == "textacy":
        from quotestance.models.textacy_quotes import TextacyQuoteFinder

        return TextacyQuoteFinder()
    from quotestance.models.folders import ModelError
    from quotestance.models.forks import make_forks_safe
    from quotestance.models.learned.quote_tagger import LearnedQuoteFinder

    if str(name) != DEFAULT_QUOTES and not Path(name).is_dir():
        raise ModelError(f"There is no quote finder '{name}': neither a folder nor one of {', '.join(FINDERS)}.")
    make_forks_safe()
    finder: QuoteFinder = LearnedQuoteFinder.from_pretrained(name, device=device, precision=precision)
    return finder
