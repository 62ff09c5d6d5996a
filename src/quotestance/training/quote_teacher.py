"""What a trained quote finder thinks of the tags of training articles, for a smaller one to learn. Each article is read once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from quotestance.data.atomic import whole_file
from quotestance.data.records import Article
from quotestance.models.learned.quote_tagger import LearnedQuoteFinder
from quotestance.training.disk import writing

log = logging.getLogger(__name__)


class QuoteTeacher:
    """A finder's folder that is asked for its emissions. They are kept in `cache`: a run that goes on does not ask again."""

    def __init__(self, folder: str | Path, cache: Path, device: str | None = None) -> None:
        self.finder = LearnedQuoteFinder.from_pretrained(folder, device=device)
        self.cache = cache
        self.crf = self.finder.network.crf

    def __call__(self, articles: Sequence[Article]) -> list[Tensor]:
        """Each article's emissions, (words, tags), half precision. Words do not depend on the tokenizer's vocabulary."""
        texts = "\0".join(article.text or "" for article in articles)
        signature = f"{self.finder.revision} on {hashlib.sha256(texts.encode('utf-8', 'surrogatepass')).hexdigest()}"
        if self.cache.exists():
            with np.load(self.cache, allow_pickle=False) as kept:
                if str(kept["signature"]) == signature:
                    return list(torch.split(torch.from_numpy(kept["emissions"]), kept["lengths"].tolist()))  # type: ignore[no-untyped-call]
        log.info("asking the teacher %s about %d articles", self.finder.name, len(articles))
        read = self.finder.read(article.text or "" for article in articles)
        said = [self.finder.emissions(words, vectors).cpu().half() for words, vectors in read]
        with writing(self.cache), whole_file(self.cache) as stream:
            lengths = np.array([len(one) for one in said])
            np.savez(stream, signature=signature, lengths=lengths, emissions=torch.cat(said).numpy())
        return said
