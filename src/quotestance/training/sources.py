"""What a recipe names, read: its material, and digests by which a checkpoint or a finished model is known to be made of the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from quotestance.data.digests import listed_digest
from quotestance.data.files import article_record
from quotestance.data.json_lines import json_line
from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.data.records import Article
from quotestance.models.folders import FINGERPRINT_FILE, RUN_FOLDER
from quotestance.training.dev_in_training import with_shared_counted
from quotestance.training.material import DevSet, Material, read_training_material
from quotestance.training.recipe import Range, Recipe, RecipeError
from quotestance.training.start import encoder_folder


@dataclass(frozen=True)
class Sources:
    """Training and dev material, read once for all seeds and trials, with a digest of each under its name."""

    train: Sequence[Material]
    dev: Sequence[DevSet]
    material: Mapping[str, str]

    def digests(self, recipe: Recipe) -> dict[str, str]:
        """A digest of everything beside the recipe that decides the weights, by its name."""
        found = {**self.material, "start model": digest_of_models(starts_of(recipe))}
        return found | ({"teacher": digest_of_models(recipe.teacher)} if recipe.teacher else {})


def read_sources(recipe: Recipe, corpora: str | Path | None) -> Sources:
    """The recipe's material. Raises what `read_training_material` does."""
    train, dev = read_training_material(recipe, corpora, LabelSet(recipe.labels))
    dev = with_shared_counted(dev, (pair for part in train for pair in part.pairs))
    taught = (pair for part in train for pair in (*part.pairs, *part.unasked))
    asked = (pair for part in dev for pair in part.pairs)
    return Sources(train, dev, {"training material": _of_pairs(taught), "dev material": _of_pairs(asked)})


def refuse_to_write_over(out: Path, models: Iterable[str]) -> None:
    """Raises RecipeError where a run into `out` would take the place of one of the models that it begins with or learns from."""
    whole = out.resolve()
    for name in models:
        folder = Path(encoder_folder(name)).resolve()
        if folder == whole or folder.is_relative_to(whole / RUN_FOLDER):
            raise RecipeError(
                f"--out {out} holds {name}, which the recipe starts from or learns from, and would be replaced. Give another --out."
            )


def starts_of(recipe: Recipe) -> list[str]:
    """The start, and those that a search tries."""
    tried = recipe.search.spaces.get("start", ()) if recipe.search else ()
    return [recipe.start, *(() if isinstance(tried, Range) else tried)]


def _of_pairs(pairs: Iterable[Pair]) -> str:
    digest = hashlib.sha256()
    for pair in pairs:
        shown = (pair.text, pair.quote, pair.target, pair.target_kind, pair.aliases, pair.mention, pair.speaker)
        digest.update(repr((pair.id, pair.group, pair.label, *shown)).encode())
    return digest.hexdigest()


def digest_of_articles(articles: Iterable[Article]) -> str:
    """SHA-256 of articles with all that is known of them, in their order."""
    digest = hashlib.sha256()
    for article in articles:
        digest.update(json_line(article_record(article), where=article.id))
    return digest.hexdigest()


def digest_of_models(names: Iterable[str]) -> str:
    """SHA-256 of all that makes the models in these folders answer; of one on the hub, of its commit."""
    digest = hashlib.sha256()
    for name in names:
        folder = Path(encoder_folder(name))
        if not folder.is_dir():
            digest.update(_commit(str(folder)).encode())
            continue
        files = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix != ".md")
        digest.update(listed_digest((file.name, file) for file in files if file.name != FINGERPRINT_FILE).encode())
    return digest.hexdigest()


def _commit(hub_name: str) -> str:
    """The commit of a model on the hub; empty where it can't be had, which is said when the model is loaded."""
    from transformers import AutoConfig

    try:
        return str(AutoConfig.from_pretrained(hub_name)._commit_hash)
    except (OSError, ValueError):
        return ""
