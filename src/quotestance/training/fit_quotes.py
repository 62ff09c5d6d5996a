"""Recipe in, quote finder out: fine-tune an encoder with tags, pointers and links on articles with quotes. Seeded and resumable."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from quotestance.data.material import read_named_articles
from quotestance.data.records import Article
from quotestance.evaluate.quotes import score_quotes
from quotestance.models.folders import SETTINGS_FILE
from quotestance.models.quote_tagger import FinderOptions, LearnedQuoteFinder
from quotestance.training.quote_card import write_quote_card
from quotestance.training.quote_data import Lesson, lesson_of
from quotestance.training.quote_dev import answered, dev_scores, in_brief, tuned
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.quote_trainer import CHECKPOINT, Progress, QuoteTrainer
from quotestance.training.recipe import RecipeError
from quotestance.training.start import encoder_folder

log = logging.getLogger(__name__)
MEAN = "mean"

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Run:
    """One run that has ended: its seed, its best weights by name, and what it did."""

    seed: int
    weights: Weights
    progress: Progress


def fit_quotes(
    recipe: QuoteRecipe,
    out: str | Path,
    *,
    corpora: str | Path | None = None,
    resume: bool = True,
    device: str | None = None,
) -> LearnedQuoteFinder:
    """Train as the recipe says and write the model folder `out`; returns the finder as read back from it.

    `out/run/` holds a checkpoint a run; runs that were stopped go on from it (`resume`). A run's weights are the moving average at
    the epoch with the best dev score. Of several runs the mean of their weights is kept, or the best one where that scores
    higher on dev (Wortsman et al., Model soups, ICML 2022); then the options of decoding are chosen on dev.
    Raises RecipeError for material without quotes, or a loss that is not a number.
    """
    folder = Path(out)
    train, dev = _articles(recipe.train, corpora, recipe.limit), _articles(recipe.dev, corpora, recipe.limit)
    finder = _untrained(recipe, device)
    lessons = [lesson_of(article, finder.tokenizer) for article in train]
    runs = [
        _run(recipe, recipe.seed + number, lessons, dev, folder / "run", resume=resume, device=device)
        for number in range(recipe.runs)
    ]
    scores = _keep_best(finder, runs, dev)
    finder, tries = tuned(finder, dev)
    provenance = {
        "recipe": json.loads(recipe.model_dump_json()),
        "seed": recipe.seed,
        "minutes": round(sum(run.progress.seconds for run in runs) / 60, 1),
        "runs": {str(run.seed): run.progress.epochs for run in runs},
        "scores": scores,
        "tried_on_dev": tries,
        "train": {"articles": len(train), "quotes": sum(len(article.quotes) for article in train)},
        "versions": {"torch": torch.__version__},
        "device": str(finder.device),
    }
    return _written(finder, folder, dev, provenance)


def _untrained(recipe: QuoteRecipe, device: str | None) -> LearnedQuoteFinder:
    """The encoder with new heads: the same weights for the same seed."""
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    options = FinderOptions(size=recipe.window, context=recipe.context, reach=recipe.reach)
    finder = LearnedQuoteFinder.untrained(
        encoder_folder(recipe.start), options=options, name=recipe.name, device=device, precision=recipe.precision
    )
    for module in finder.network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # on a CPU its random numbers cost more than the matrix products
    config = finder.network.encoder.config
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    return finder


def _run(
    recipe: QuoteRecipe,
    seed: int,
    lessons: Sequence[Lesson],
    dev: Sequence[Article],
    folder: Path,
    *,
    resume: bool,
    device: str | None,
) -> Run:
    """Train from the recipe's first weights with the order, windows and masks of `seed`; one that has ended is only read."""
    place = folder / f"seed-{seed}"
    place.mkdir(parents=True, exist_ok=True)
    finder = _untrained(recipe, device)
    torch.manual_seed(seed)
    trainer = QuoteTrainer(recipe.model_copy(update={"seed": seed}), finder, lessons, place)
    trainer.run_all(dev, resume=resume)
    return Run(seed, trainer.best, trainer.progress)


def _keep_best(finder: LearnedQuoteFinder, runs: Sequence[Run], dev: Sequence[Article]) -> dict[str, Any]:
    """Give the finder the weights that score best on dev: those of a run, or the mean of all; returns all the scores."""
    candidates = {str(run.seed): run.weights for run in runs}
    if len(runs) > 1:
        candidates[MEAN] = {name: torch.stack([run.weights[name] for run in runs]).mean(0) for name in runs[0].weights}
    scores: dict[str, Any] = {}
    for name, weights in candidates.items():
        _put(finder, weights)
        scores[name] = dev_scores(finder, dev)
        log.info("%s: dev %s", name, scores[name])
    kept = max(candidates, key=lambda name: scores[name]["score"])
    _put(finder, candidates[kept])
    return {"kept": kept, "dev": scores}


@torch.no_grad()
def _put(finder: LearnedQuoteFinder, weights: Weights) -> None:
    finder.network.eval()
    for name, parameter in finder.network.named_parameters():
        parameter.copy_(weights[name])


def _articles(names: Sequence[str], corpora: str | Path | None, limit: int | None) -> list[Article]:
    articles = [article for name in names for article in read_named_articles(name, corpora)[:limit]]
    if not any(article.quotes for article in articles):
        raise RecipeError(f"{', '.join(names)}: none of the {len(articles)} articles has a quote.")
    return articles


def _written(
    finder: LearnedQuoteFinder, folder: Path, dev: Sequence[Article], provenance: Mapping[str, Any]
) -> LearnedQuoteFinder:
    """The folder written, read back in half precision, scored on dev once more, and its card."""
    finder.save_pretrained(folder, **provenance)
    for checkpoint in (folder / "run").rglob(CHECKPOINT):
        checkpoint.unlink()  # a folder with a pickle in it is not loaded
    saved = LearnedQuoteFinder.from_pretrained(folder, device=str(finder.device), precision=finder.precision)
    scores = score_quotes(dev, answered(dev, saved.find_many(article.text or "" for article in dev)))
    settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
    settings["dev"] = scores.to_dict()
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    write_quote_card(folder)
    log.info("%s: dev %s", folder, in_brief(scores))
    return saved
