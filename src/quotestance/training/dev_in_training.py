"""Dev material that stands in training too, counted: what is learned by heart looks like what is understood."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from quotestance.data.pairs import Pair
from quotestance.training.material import DevSet

log = logging.getLogger(__name__)


def with_shared_counted(dev: Sequence[DevSet], training: Iterable[Pair]) -> list[DevSet]:
    """Each dev set with the number of its pairs whose text, or group in a table of one's own, is trained on; any are warned of.

    Groups of a corpus may be topics, which its own split may share between train and dev.
    """
    texts: set[str] = set()
    groups: set[str] = set()
    for pair in training:
        texts.add(pair.text)
        if pair.group and pair.corpus is None:
            groups.add(pair.group)
    counted = [
        replace(part, in_training=sum(p.text in texts or (p.corpus is None and p.group in groups) for p in part.pairs))
        for part in dev
    ]
    for part in counted:
        if part.in_training:
            log.warning(
                "%s: %d of %d dev pairs stand in training too (the same group or the same text): their scores, and the epoch chosen by them, "
                "flatter the model. Hold whole groups out ('quotestance split'), or name other dev material.",
                part.name,
                part.in_training,
                len(part.pairs),
            )
    return counted
