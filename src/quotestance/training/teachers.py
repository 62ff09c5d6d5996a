"""What trained models think of training pairs, for a smaller one to learn (Hinton et al. 2015). Each pair is asked once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quotestance.data.atomic import whole_file
from quotestance.data.labels import LabelSet
from quotestance.data.pairs import Pair
from quotestance.models.folders import model_folder
from quotestance.models.stance import StanceClassifier, softmax, weights_revision
from quotestance.training.disk import writing
from quotestance.training.processes import Processes
from quotestance.training.recipe import RecipeError

log = logging.getLogger(__name__)
Probabilities = NDArray[np.float32]


class Teachers:
    """Model folders whose mean probabilities are taught. Answers are kept in `cache`: a run that goes on does not ask again."""

    def __init__(
        self,
        folders: Sequence[str],
        labels: LabelSet,
        *,
        temperature: float,
        cache: Path,
        device: str | None = None,
        processes: Processes | None = None,
    ) -> None:
        self.folders, self.labels, self.temperature = folders, labels, temperature
        self.cache, self.device, self.processes = cache, device, processes or Processes()
        revisions = [weights_revision(model_folder(folder)) for folder in folders]
        self.signature = f"{'+'.join(revisions)} at {temperature} for {'/'.join(labels)}"
        self.known: dict[bytes, Probabilities] = self._cached() if self.processes.leads else {}

    def __call__(self, pairs: Sequence[Pair]) -> Probabilities:
        """The teachers' mean probabilities at the temperature, shape (pairs, labels).

        The leading process alone knows what was answered before, asks for the rest, and tells the others.
        """
        return self.processes.told(self._answers(pairs) if self.processes.leads else None)

    def _answers(self, pairs: Sequence[Pair]) -> Probabilities:
        keys = [_key(pair) for pair in pairs]
        if missing := {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in self.known}:
            self._ask(missing)
        return np.stack([self.known[key] for key in keys]) if keys else np.empty((0, len(self.labels)), np.float32)

    def _ask(self, missing: dict[bytes, Pair]) -> None:
        log.info("asking %d teacher(s) about %d pairs", len(self.folders), len(missing))
        total = np.zeros((len(missing), len(self.labels)))
        for folder in self.folders:  # one after another: one is in memory at a time
            teacher = StanceClassifier.from_pretrained(folder, device=self.device)
            if set(teacher.labels) != set(self.labels):
                raise RecipeError(
                    f"teacher {folder} knows the labels {', '.join(teacher.labels)}, and the recipe's are {', '.join(self.labels)}."
                )
            columns = [teacher.labels.index(label) for label in self.labels]
            logits = teacher.logits(teacher.inputs.encode(list(missing.values())))[:, columns] / self.temperature
            total += softmax(logits)
        self.known |= dict(zip(missing, (total / len(self.folders)).astype(np.float32), strict=True))
        with writing(self.cache), whole_file(self.cache) as stream:
            keys = np.frombuffer(b"".join(self.known), np.uint8).reshape(-1, len(next(iter(self.known))))
            np.savez(stream, signature=self.signature, keys=keys, probabilities=np.stack(list(self.known.values())))

    def _cached(self) -> dict[bytes, Probabilities]:
        if not self.cache.exists():
            return {}
        with np.load(self.cache, allow_pickle=False) as kept:
            if str(kept["signature"]) != self.signature:
                return {}
            return {key.tobytes(): row for key, row in zip(kept["keys"], kept["probabilities"], strict=True)}


def _key(pair: Pair) -> bytes:
    """What decides a teacher's answer, as a digest."""
    shown = (pair.text, pair.quote, pair.target, pair.target_kind, pair.aliases, pair.mention, pair.speaker)
    return hashlib.sha256(repr(shown).encode()).digest()[:16]
