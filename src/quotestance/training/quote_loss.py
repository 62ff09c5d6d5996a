"""What the network of a quote finder makes of a batch, and the answers, into its loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from quotestance.models.learned.crf import LinearChainCRF
from quotestance.models.learned.quote_network import Fragments, QuoteNetwork
from quotestance.training.quote_data import IGNORED, Teaching

WORDS_A_UNIT = 64  # the loss is over so many words: of the order of 1 for a middling model


def losses(
    network: QuoteNetwork,
    vectors: Tensor,
    teaching: Teaching,
    teacher: LinearChainCRF | None = None,
    weight: float = 0.0,
) -> Tensor:
    """How unlikely the network finds the answers: of the tags, the pointers and the links, (3,), each over WORDS_A_UNIT words.

    `teacher`: the CRF whose emissions are `teaching.taught`; its likely tags have the share `weight` of the loss of tags.
    """
    emissions = network.emissions(vectors, teaching.same)
    grid, mask = teaching.grid, teaching.in_paragraph
    tags = network.crf.negative_log_likelihood(emissions[grid], teaching.tags[grid], mask).sum()
    if teacher is not None:
        taught = network.crf.cross_entropy(emissions[grid], teacher, teaching.taught[grid], mask)
        tags = (1 - weight) * tags + weight * taught
    pointed = linked = tags.new_zeros(())
    if len(teaching.start):
        fragments = Fragments(teaching.start, teaching.end, teaching.low, teaching.high)
        made = network.fragment_vectors(vectors, fragments)
        scores, _ = network.pointers(vectors, made, fragments, teaching.paragraph)
        right = pointer_targets(teaching.pointed, teaching.start, teaching.end, network.reach)
        pointed = functional.cross_entropy(scores.flatten(0, 1), right.flatten(), ignore_index=IGNORED, reduction="sum")
        if len(teaching.one):
            logits = network.links(vectors, made, fragments, teaching.one, teaching.other)
            linked = functional.binary_cross_entropy_with_logits(logits, teaching.linked, reduction="sum")
    return torch.stack([tags, pointed, linked]) * (WORDS_A_UNIT / len(vectors))


def pointer_targets(pointed: Tensor, start: Tensor, end: Tensor, reach: int) -> Tensor:
    """Words that are pointed at, (fragments, pointers), as numbers among a fragment's candidates; 0 is "none".

    What is out of reach, or inside the fragment, is IGNORED.
    """
    start, end = start[:, None], end[:, None]
    before, behind = pointed - (start - reach), pointed - end
    target = torch.full_like(pointed, IGNORED)
    target = torch.where((pointed >= 0) & (pointed < start) & (before >= 0), 1 + before, target)
    target = torch.where((pointed >= end) & (behind < reach), 1 + reach + behind, target)
    return torch.where(pointed == -1, 0, target)
