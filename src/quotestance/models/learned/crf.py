"""A linear-chain CRF: emission scores of a sequence into its likeliest tags, and the likelihood of given ones.

Lafferty, McCallum & Pereira (ICML 2001). Shapes: sequences (n), steps (longest sequence), tags.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

NEVER = -1e4  # the score of what is not allowed; finite, so that gradients stay numbers


class LinearChainCRF(nn.Module):
    """Scores of one tag after another, learned; `allowed[i, j]` says whether tag j may follow tag i.

    `first` and `last` (tags,) say which tags may begin and end a sequence.
    """

    def __init__(self, allowed: Tensor, first: Tensor, last: Tensor) -> None:
        super().__init__()
        tags = len(first)
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.begin = nn.Parameter(torch.zeros(tags))
        self.finish = nn.Parameter(torch.zeros(tags))
        self.register_buffer("never", torch.where(allowed, 0.0, NEVER), persistent=False)
        self.register_buffer("never_first", torch.where(first, 0.0, NEVER), persistent=False)
        self.register_buffer("never_last", torch.where(last, 0.0, NEVER), persistent=False)
        self.never: Tensor
        self.never_first: Tensor
        self.never_last: Tensor

    def negative_log_likelihood(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Of the tags, each sequence's, shape (n,). `emissions` (n, steps, tags); `mask` (n, steps) begins with True in every row."""
        return self._log_partition(emissions, mask) - self._score(emissions, tags, mask)

    def cross_entropy(self, emissions: Tensor, teacher: LinearChainCRF, taught: Tensor, mask: Tensor) -> Tensor:
        """The mean negative log-likelihood here of tags as `teacher` finds them likely from its own emissions `taught`, summed over sequences.

        Exact over all paths (structure-level distillation, Wang et al., ACL 2020): how often the teacher expects each tag at
        each step, and each transition, are the gradients of its log partition. No gradient goes to the teacher.
        """
        named = (teacher.transitions, teacher.begin, teacher.finish)
        with torch.enable_grad():
            seen = [value.detach().requires_grad_() for value in (taught, *named)]
            partition = teacher._log_partition(seen[0], mask, *seen[1:]).sum()
            at_steps, transitions, begin, finish = torch.autograd.grad(partition, seen)
        expected = (
            (at_steps * emissions).sum()
            + (transitions * (self.transitions + self.never)).sum()
            + (begin * (self.begin + self.never_first)).sum()
            + (finish * (self.finish + self.never_last)).sum()
        )
        return self._log_partition(emissions, mask).sum() - expected

    def _score(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        rows = torch.arange(len(tags), device=tags.device)
        chosen = emissions.gather(2, tags.unsqueeze(2)).squeeze(2)
        steps = (self.transitions + self.never)[tags[:, :-1], tags[:, 1:]]
        ends = tags[rows, mask.sum(1) - 1]
        return (
            (self.begin + self.never_first)[tags[:, 0]]
            + (chosen * mask).sum(1)
            + (steps * mask[:, 1:]).sum(1)
            + (self.finish + self.never_last)[ends]
        )

    def _log_partition(self, emissions: Tensor, mask: Tensor, *other: Tensor) -> Tensor:
        """`other`: transitions, begin and finish to use instead of one's own."""
        transitions, begin, finish = other or (self.transitions, self.begin, self.finish)
        steps = transitions + self.never
        scores = begin + self.never_first + emissions[:, 0]
        for step in range(1, emissions.shape[1]):
            following = torch.logsumexp(scores.unsqueeze(2) + steps, dim=1) + emissions[:, step]
            scores = torch.where(mask[:, step, None], following, scores)
        return torch.logsumexp(scores + finish + self.never_last, dim=1)

    @torch.no_grad()
    def viterbi(self, emissions: Tensor, mask: Tensor) -> list[list[int]]:
        """The likeliest tags of each sequence, each as long as its mask.

        In numpy: its hundreds of small steps take less time than starting as many operations of torch.
        """
        steps = (self.transitions + self.never).cpu().numpy()
        first = (self.begin + self.never_first).cpu().numpy()
        last = (self.finish + self.never_last).cpu().numpy()
        lengths = mask.sum(1).cpu().numpy()
        order = np.argsort(-lengths, kind="stable")  # so that those that still go on stand in front
        seen = emissions.float().cpu().numpy()[order]
        lengths = lengths[order]
        scores = first + seen[:, 0]
        came_from = np.zeros(seen.shape, np.int64)
        for step in range(1, seen.shape[1]):
            on = int((lengths > step).sum())
            ways = scores[:on, :, None] + steps
            came_from[:on, step] = ways.argmax(1)
            scores[:on] = ways.max(1) + seen[:on, step]
        ends = (scores + last).argmax(1)
        paths: list[list[int]] = [[] for _ in range(len(seen))]
        for row, (place, length) in enumerate(zip(order.tolist(), lengths.tolist(), strict=True)):
            path = [int(ends[row])]
            for step in range(length - 1, 0, -1):
                path.append(int(came_from[row, step, path[-1]]))
            paths[place] = path[::-1]
        return paths
