"""Recipe in, quote finder out: fine-tune an encoder with tags, pointers and links on articles with quotes. Seeded and resumable."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from quotestance.data.material import read_named_articles
from quotestance.data.records import Article
from quotestance.evaluate.quotes import score_quotes
from quotestance.models.learned.quote_tagger import FinderOptions, LearnedQuoteFinder
from quotestance.training.disk import writing
from quotestance.training.quote_card import write_quote_card
from quotestance.training.quote_data import lesson_of
from quotestance.training.quote_dev import answered, in_brief, tuned
from quotestance.training.quote_recipe import QuoteRecipe
from quotestance.training.quote_teacher import QuoteTeacher
from quotestance.training.quote_trainer import QuoteTrainer
from quotestance.training.recipe import RecipeError
from quotestance.training.sources import digest_of_articles, digest_of_models, refuse_to_write_over
from quotestance.training.start import encoder_folder
from quotestance.training.start_errors import check_vocabulary, loading, read_settings_of
from quotestance.training.whole_model import CHECKPOINT, is_finished, put_in_place_whole, read_settings, write_settings

log = logging.getLogger(__name__)


def fit_quotes(
    recipe: QuoteRecipe,
    out: str | Path,
    *,
    corpora: str | Path | None = None,
    resume: bool = True,
    device: str | None = None,
) -> LearnedQuoteFinder:
    """Train as the recipe says and write the model folder `out`; returns the finder as read back from it.

    `out/run/` holds a checkpoint; a run that was stopped goes on from it (`resume`), and a finder that was made by this recipe of
    the same material, start and teacher is left as it is. The weights kept are the moving average at the epoch with the best
    dev score; then the options of decoding are chosen on dev.
    Raises RecipeError for material without quotes, or a loss that is not a number, and CheckpointError for a stopped run of
    another recipe or of other material.
    """
    folder = Path(out)
    refuse_to_write_over(folder, [recipe.start, *([recipe.teacher] if recipe.teacher else [])])
    train, dev = _articles(recipe.train, corpora, recipe.limit), _articles(recipe.dev, corpora, recipe.limit)
    digests = _digests(recipe, train, dev)
    if resume and is_finished(folder, recipe, digests):
        log.info("%s is finished; --restart trains it anew", folder)
        return LearnedQuoteFinder.from_pretrained(folder, device=device, precision=recipe.precision)
    with writing(folder):
        (folder / "run").mkdir(parents=True, exist_ok=True)
    finder = _untrained(recipe, device)
    teacher = QuoteTeacher(recipe.teacher, folder / "run" / "teacher.npz", device) if recipe.teacher else None
    taught = teacher(train) if teacher else [None] * len(train)
    lessons = [lesson_of(article, finder.tokenizer, said) for article, said in zip(train, taught, strict=True)]
    checkpoint = folder / "run" / CHECKPOINT
    if not resume:
        checkpoint.unlink(missing_ok=True)
    crf = teacher.crf if teacher else None
    trainer = QuoteTrainer(recipe, finder, lessons, checkpoint=checkpoint, digests=digests, teacher=crf)
    trainer.load()
    log.info(
        "%s: %d articles, %d steps in %d epochs, %s on %s",
        recipe.name,
        len(lessons),
        trainer.steps,
        recipe.epochs,
        trainer.precision,
        finder.device,
    )
    trainer.run_all(trainer.plan(), dev)
    trainer.average.put(trainer.best)
    finder.network.eval()
    finder, tries = tuned(finder, dev)
    provenance = {
        "recipe": json.loads(recipe.model_dump_json()),
        "digests": digests,
        "seed": recipe.seed,
        "precision": trainer.precision,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "epochs": trainer.progress.epochs,
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
    folder = encoder_folder(recipe.start)
    read_settings_of(recipe.start, folder)
    with loading(recipe.start, folder):
        finder = LearnedQuoteFinder.untrained(
            folder, options=options, name=recipe.name, device=device, precision=recipe.precision
        )
    check_vocabulary(recipe.start, finder.tokenizer, finder.network.encoder)
    for module in finder.network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # on a CPU its random numbers cost more than the matrix products
    config = finder.network.encoder.config
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    return finder


def _articles(names: Sequence[str], corpora: str | Path | None, limit: int | None) -> list[Article]:
    articles = [article for name in names for article in read_named_articles(name, corpora)[:limit]]
    if not any(article.quotes for article in articles):
        raise RecipeError(f"{', '.join(names)}: none of the {len(articles)} articles has a quote.")
    return articles


def _digests(recipe: QuoteRecipe, train: Sequence[Article], dev: Sequence[Article]) -> dict[str, str]:
    """A digest of everything beside the recipe that decides the weights, by its name."""
    digests = {
        "training material": digest_of_articles(train),
        "dev material": digest_of_articles(dev),
        "start model": digest_of_models([recipe.start]),
    }
    return digests | ({"teacher": digest_of_models([recipe.teacher])} if recipe.teacher else {})


def _written(
    finder: LearnedQuoteFinder, folder: Path, dev: Sequence[Article], provenance: Mapping[str, Any]
) -> LearnedQuoteFinder:
    """The folder written, read back in half precision, scored on dev once more, and its card."""
    with put_in_place_whole(folder) as made:
        with writing(folder):
            finder.save_pretrained(made, **provenance)
        saved = LearnedQuoteFinder.from_pretrained(made, device=str(finder.device), precision=finder.precision)
        scores = score_quotes(dev, answered(dev, saved.find_many(article.text or "" for article in dev)))
        with writing(folder):
            write_settings(made, {**read_settings(made), "dev": scores.to_dict()})
            write_quote_card(made)
    log.info("%s: dev %s", folder, in_brief(scores))
    return saved
