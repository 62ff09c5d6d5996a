"""Public corpora, read from the reader's own copy, as articles or pairs.

An adapter is a name, a label map and one generator; the card of each is `data/corpora/<name>.md`.
None of the texts is shipped: say where your copies lie with `--corpora DIR` or QUOTESTANCE_CORPORA.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from quotestance.data.errors import CorpusError
from quotestance.data.pairs import Pair
from quotestance.data.records import Article

# name -> splits it distributes
CORPORA: dict[str, tuple[str, ...]] = {
    "polnear": ("train", "dev", "test"),
    "vast": ("train", "dev", "test"),
    "newsmtsc": ("train", "dev_rw", "dev_mt", "test_rw", "test_mt"),
    "dse": ("train", "dev", "test"),
    "ibm_claims": ("train", "test"),
    "ibm30k": ("train", "dev", "test"),
    "perspectrum": ("train", "dev", "test"),
    "iam": ("train", "dev", "test"),
}


def load_pairs(name: str, root: str | Path | None = None) -> list[Pair]:
    """The pairs of a corpus split, e.g. `load_pairs("vast/test")`. Raises CorpusError where there is no copy."""
    corpus, split = _named(name)
    if corpus == "polnear":
        raise CorpusError(
            "PolNeAR has quotes and no stances; load_articles('polnear/…') reads it, and the stance labels "
            "made for it are in data/annotated/polnear/*.jsonl."
        )
    pairs: list[Pair] = list(_module(corpus).read(corpora_root(root), split))
    return pairs


def load_articles(name: str, root: str | Path | None = None) -> list[Article]:
    """The articles of a corpus split with their quotes, e.g. `load_articles("polnear/dev")`."""
    corpus, split = _named(name)
    if corpus != "polnear":
        raise CorpusError(f"{corpus} is a corpus of pairs; load_pairs('{name}') reads it.")
    articles: list[Article] = list(_module(corpus).read(corpora_root(root), split))
    return articles


def load(name: str, root: str | Path | None = None) -> list[Article] | list[Pair]:
    """Whichever of articles and pairs the corpus is made of."""
    return load_articles(name, root) if name.startswith("polnear/") else load_pairs(name, root)


def join_text(article: Article, root: str | Path | None = None) -> Article:
    """A text-free record with the text, spans, mentions and cues of the reader's copy of its corpus, hash checked.

    An article that has its text is returned as it is.
    """
    if article.text is not None:
        return article
    corpus = (article.text_ref or {}).get("corpus")
    if corpus != "polnear":
        raise CorpusError(
            f"article {article.id}: its text is in the corpus '{corpus}', which this version can't join. Known: polnear."
        )
    joined: Article = _module(corpus).join(article, corpora_root(root))
    return joined


def corpora_root(root: str | Path | None = None) -> Path:
    """The folder with the corpora: the argument, else QUOTESTANCE_CORPORA. Raises CorpusError where neither is a folder."""
    named = root or os.environ.get("QUOTESTANCE_CORPORA")
    if not named:
        raise CorpusError(
            "Where are the corpora? Give --corpora DIR or set QUOTESTANCE_CORPORA to the folder that holds vast/, polnear/, …"
        )
    if not Path(named).is_dir():
        raise CorpusError(f"{named} is not a folder. Give --corpora the folder that holds vast/, polnear/, …")
    return Path(named)


def corpus_file(root: Path, *parts: str) -> Path:
    """A file of a corpus. Raises CorpusError with the card to read where it is missing."""
    path = root.joinpath(*parts)
    if not path.exists():
        raise CorpusError(f"{path} is missing. data/corpora/ has a card for each corpus that says where to get it.")
    return path


def _named(name: str) -> tuple[str, str]:
    corpus, _, split = name.partition("/")
    if corpus not in CORPORA:
        raise CorpusError(f"Unknown corpus '{corpus}'. There are: {', '.join(CORPORA)}.")
    if split not in CORPORA[corpus]:
        raise CorpusError(
            f"{corpus} has no split '{split}'. It has: {', '.join(f'{corpus}/{one}' for one in CORPORA[corpus])}."
        )
    return corpus, split


def _module(corpus: str):  # type: ignore[no-untyped-def]
    return importlib.import_module(f"quotestance.data.corpora.{corpus}")
