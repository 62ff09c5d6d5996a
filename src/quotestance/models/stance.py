"""The stance classifier: pairs in, a label with calibrated probabilities out, from a plain transformers folder.

The folder holds config, safetensors weights and tokenizer as transformers writes them, and `quotestance.json`:
how inputs are built, the temperature of the probabilities, and where the weights come from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from quotestance.data.columns import names_beside
from quotestance.data.digests import file_digest
from quotestance.data.labels import CODEBOOK, UNCLEAR, LabelSet
from quotestance.data.pairs import Pair
from quotestance.data.records import Stance
from quotestance.models.batching import length_sorted_batches, padded
from quotestance.models.devices import device_of
from quotestance.models.first_token import logits_function
from quotestance.models.folders import SETTINGS_FILE, read_folder, refuse_made_up
from quotestance.models.forks import make_forks_safe
from quotestance.models.freed_memory import give_back
from quotestance.models.inputs import Encoded, InputOptions, PairInputs
from quotestance.models.precision import autocast
from quotestance.models.protocol import signature, stance_of

if TYPE_CHECKING:
    import pandas as pd

TOKENS_A_BATCH = 2048  # fits the cache of a laptop's cores; a GPU takes GPU_FACTOR times as many
GPU_FACTOR = 32
UNREAD = frozenset({"id", "label", "group", "corpus", "quote_kind", "annotator"})  # columns that no answer depends on
ROWS_A_CHUNK = 4096  # rows encoded and sorted by length at a time: memory stays flat


class StanceClassifier:
    """A fine-tuned encoder that reads a quote in its context and says where its speaker stands toward a target."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        labels: LabelSet = CODEBOOK,
        options: InputOptions | None = None,
        temperature: float = 1.0,
        name: str = "stance",
        revision: str = "untrained",
        folder: Path | None = None,
        device: str | None = None,
        precision: str = "auto",
    ) -> None:
        """`folder` is where it was loaded from, `revision` the short digest of its weights."""
        make_forks_safe()
        self.device = device_of(device)
        self.model = model.to(self.device).eval()
        self.inputs = PairInputs(tokenizer, options or InputOptions())
        self.labels, self.temperature, self.precision = labels, temperature, precision
        self.name, self.revision, self.folder = name, revision, folder
        self._cut: list[int] = []  # appended to, as several threads may do at once

    @property
    def cut(self) -> int:
        """How many inputs since loading had a quote, target or speaker that was too long for the encoder."""
        return sum(self._cut)

    @property
    def tokens_a_batch(self) -> int:
        """The most tokens, padding included, that are computed together on this device."""
        return TOKENS_A_BATCH * (GPU_FACTOR if self.device.type == "cuda" else 1)

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *, device: str | None = None, precision: str = "auto"
    ) -> StanceClassifier:
        """Load a model folder. `device`: 'cpu', 'cuda', 'cuda:1', …; by default a GPU where there is one.

        Raises ModelError where the folder is not one of ours, lacks weights, or holds pickled ones or code.
        """
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        path, settings = read_folder(folder, task="stance")
        with quiet_transformers():
            model, found = AutoModelForSequenceClassification.from_pretrained(
                path,
                dtype=torch.float32,
                local_files_only=True,
                trust_remote_code=False,
                ignore_mismatched_sizes=True,  # told here, with what is missing
                output_loading_info=True,
            )
            tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
        refuse_made_up(path, found)
        return cls(
            model,
            tokenizer,
            labels=LabelSet(tuple(settings["labels"])),
            options=InputOptions(**settings["inputs"]),
            temperature=settings["temperature"],
            name=settings["name"],
            revision=weights_revision(path),
            folder=path,
            device=device,
            precision=precision,
        )

    def save_pretrained(self, folder: str | Path, **provenance: Any) -> Path:
        """Write the folder, weights in half precision; `provenance` (recipe, scores, …) is kept in quotestance.json."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        self.model.config.id2label = dict(enumerate(self.labels))
        self.model.config.label2id = {label: number for number, label in enumerate(self.labels)}
        half = {
            name: tensor.to(torch.float16) if tensor.is_floating_point() else tensor
            for name, tensor in self.model.state_dict().items()
        }
        with quiet_transformers():
            self.model.save_pretrained(
                path, state_dict={name: tensor.contiguous().cpu() for name, tensor in half.items()}
            )
            self.inputs.tokenizer.save_pretrained(path)
        settings = {
            "name": self.name,
            "labels": list(self.labels),
            "inputs": asdict(self.inputs.options),
            "temperature": self.temperature,
            **provenance,
        }
        (path / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        """One stance a pair, in order. Equal inputs are computed once."""
        annotator = signature(self)
        stances: list[Stance] = []
        for start in range(0, len(pairs), ROWS_A_CHUNK):
            chunk = pairs[start : start + ROWS_A_CHUNK]
            for pair, row in zip(chunk, self.probabilities(chunk), strict=True):
                stances.append(stance_of(pair.target, row, self.labels, annotator))
        return stances

    def predict(self, texts: Sequence[str], targets: Sequence[str]) -> list[Stance]:
        """Stances of `texts` toward `targets`, row by row. Each text is read whole, as the words of one speaker.

        Raises ValueError where the two have different lengths.
        """
        if isinstance(texts, str) or isinstance(targets, str):
            raise ValueError("predict takes lists: predict([text], [target]) for one.")
        if len(texts) != len(targets):
            raise ValueError(f"predict needs one target a text, but got {len(texts)} texts and {len(targets)} targets.")
        return self.predict_pairs(
            [
                Pair(id=str(n), text=text, target=target)
                for n, (text, target) in enumerate(zip(texts, targets, strict=True))
            ]
        )

    def predict_frame(
        self, frame: pd.DataFrame, *, columns: Mapping[str, str] | None = None, abstain_below: float = 0.0
    ) -> pd.DataFrame:
        """The same frame with `label` (or `predicted`, where it has a label), one `p_<label>` a label, and `model`.

        Columns read: `text`, `target`, and where present `speaker`, `quote` (the words of `text` that are the quote),
        `mention`, `target_kind` and `aliases`; `columns` says under which names the frame keeps ours:
        `{"text": "post", "target": "topic"}`. Index, order and other columns are kept, whatever is in them; one that has
        the name of a column of the answer as `original_<name>`. The label is 'unclear' where its probability is below
        `abstain_below`; a report (`quotestance evaluate`) has a table of what that costs and gains.

        Raises ValueError where `abstain_below` is no probability, FormatError for a row that can't be asked.
        """
        from quotestance.data.pair_tables import PROBABILITY, pairs_from_frame

        if not 0 <= abstain_below <= 1:
            raise ValueError(f"abstain_below is a probability from 0 to 1, not {abstain_below}.")
        named = {ours: theirs for ours, theirs in (columns or {}).items() if ours not in UNREAD}
        unread = {name for name in frame.columns if name in UNREAD or str(name).startswith(PROBABILITY)}
        asked = frame[[name for name in frame.columns if name not in unread - set(named.values())]]
        stances = self.predict_pairs(pairs_from_frame(asked, named, labels=None))
        answers: dict[str, Any] = {
            "predicted" if "label" in frame.columns else "label": [
                UNCLEAR if (stance.probability or 0.0) < abstain_below else stance.label for stance in stances
            ],
            **{f"p_{label}": [(stance.probabilities or {})[label] for stance in stances] for label in self.labels},
            "model": f"{self.name}@{self.revision}",
        }
        own = [name for name in frame.columns if isinstance(name, str)]
        return frame.rename(columns=names_beside(own, answers)).assign(**answers)

    def probabilities(self, pairs: Sequence[Pair]) -> np.ndarray:
        """Calibrated probabilities, shape (pairs, labels), float64."""
        return softmax(self.logits(self.inputs.encode(pairs)) / self.temperature)

    def logits(self, rows: Sequence[Encoded]) -> np.ndarray:
        """Raw scores, shape (rows, labels), float64. Equal rows are computed once."""
        first_of: dict[bytes, int] = {}
        number_of = [first_of.setdefault(row.ids.tobytes(), number) for number, row in enumerate(rows)]
        different = sorted(first_of.values())
        place = {number: position for position, number in enumerate(different)}
        if cut := sum(row.cut for row in rows):
            self._cut.append(cut)
        scores = self._computed([rows[number] for number in different])
        return scores[[place[number] for number in number_of]] if rows else scores

    def _computed(self, rows: Sequence[Encoded]) -> np.ndarray:
        scores = np.empty((len(rows), len(self.labels)))
        batches = length_sorted_batches([len(row) for row in rows], self.tokens_a_batch)
        pad_id, compute = self.inputs.tokenizer.pad_token_id, logits_function(self.model)
        with torch.inference_mode(), autocast(self.precision, self.device):
            for batch in batches:
                inputs = padded([rows[number] for number in batch], pad_id=pad_id, segments=self.inputs.has_segments)
                moved = {name: tensor.to(self.device, non_blocking=True) for name, tensor in inputs.items()}
                scores[batch] = compute(moved).float().cpu().numpy()
        if len(batches) > 1:
            give_back()
        return scores


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, shape (rows, labels)."""
    exponent = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponent / exponent.sum(1, keepdims=True))


def weights_revision(folder: str | Path) -> str:
    """The first twelve hexadecimal digits of the weights' SHA-256: what `@revision` is in predictions."""
    return file_digest(Path(folder) / "model.safetensors")[:12]


class quiet_transformers:  # noqa: N801
    """Loading without transformers' progress bars and reports; what they would say is checked by us or harmless."""

    def __enter__(self) -> None:
        from transformers.utils import logging

        self.logging, self.level = logging, logging.get_verbosity()
        self.bars = logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()

    def __exit__(self, *error: object) -> None:
        self.logging.set_verbosity(self.level)
        if self.bars:
            self.logging.enable_progress_bar()
