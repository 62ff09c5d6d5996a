"""The learned quote finder: article texts into quotes with speaker mention and cue, from a plain folder of safetensors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import compress, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from quotestance.data.records import Quote
from quotestance.models.batching import length_sorted_batches
from quotestance.models.devices import device_of
from quotestance.models.folders import SETTINGS_FILE, WEIGHTS_FILE, ModelError, read_folder, refuse_made_up
from quotestance.models.freed_memory import give_back
from quotestance.models.language.english import is_english
from quotestance.models.learned.quote_corrections import with_speech_in_single_marks
from quotestance.models.learned.quote_decoding import quotes_of
from quotestance.models.learned.quote_network import (
    BEGIN,
    ENDS,
    POINTED,
    SINGLE,
    Fragments,
    QuoteNetwork,
    batch_of,
    tag,
)
from quotestance.models.learned.quote_pointers import (
    Found,
    Place,
    Pointed,
    best_mention,
    mention_borders,
    nearest_mention,
    pieces_between,
)
from quotestance.models.learned.quote_tags import spans_of_tags
from quotestance.models.learned.quote_windows import RULES, Words, windows_of, words_of
from quotestance.models.precision import autocast
from quotestance.models.stance import quiet_transformers, weights_revision

Numbers = NDArray[np.int64]

ARTICLES_A_CHUNK = 16  # read together: enough for full batches; memory does not grow with the number of articles
TOKENS_A_BATCH = 2048  # as fast as more on a CPU, and less memory
WORDS_AT_ONCE = 1 << 15  # of paragraphs of like length whose tags are decoded together: an article has some thousand
GPU_FACTOR = 32
NO_REVISION = "untrained"
POINT_ANYWHERE, POINT_AT_TAGGED, NEAREST_TAGGED = "anywhere", "tagged", "nearest"
LINKING = {
    POINT_ANYWHERE: "the likeliest words near the content",
    POINT_AT_TAGGED: "the likeliest of the words near it that are tagged as source or cue",
    NEAREST_TAGGED: "the nearest of these",
}


@dataclass(frozen=True)
class FinderOptions:
    """How texts are read and answers decoded; chosen on dev and kept with the weights.

    `size`, `context`: tokens of a window and of the context on each side of its core. `reach`: words before and behind a content
    among which source and cue are looked for. `pointing`: where they are looked for (LINKING).
    `opening`: added to the score that a content begins at a word; more finds more. `link`: the least logit that joins two fragments.
    `snap`: the share of characters in either that makes a fragment become a marked region; above 1, never.
    """

    size: int = 256
    context: int = 32
    reach: int = 64
    pointing: str = POINT_ANYWHERE
    opening: float = 0.0
    link: float = 0.0
    snap: float = 0.8


class LearnedQuoteFinder:
    """A fine-tuned encoder that tags contents, points at the source and the cue of each, and joins what is interrupted."""

    def __init__(
        self,
        network: QuoteNetwork,
        tokenizer: Any,
        *,
        options: FinderOptions | None = None,
        name: str = "quotes",
        revision: str = NO_REVISION,
        folder: Path | None = None,
        device: str | None = None,
        precision: str = "auto",
    ) -> None:
        self.device = device_of(device)
        self.network = network.to(self.device).eval()
        self.tokenizer, self.options = tokenizer, options or FinderOptions(reach=network.reach)
        self.name, self.revision, self.folder, self.precision = name, revision, folder, precision

    @classmethod
    def untrained(cls, encoder_folder: str | Path, **settings: Any) -> LearnedQuoteFinder:
        """An encoder of transformers with new heads, to train. Raises ModelError where weights of the encoder are missing."""
        from transformers import AutoModel, AutoTokenizer

        options = settings.pop("options", None) or FinderOptions()
        with quiet_transformers():
            encoder, found = AutoModel.from_pretrained(
                encoder_folder, dtype=torch.float32, ignore_mismatched_sizes=True, output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(encoder_folder)
        refuse_made_up(encoder_folder, found)
        return cls(QuoteNetwork(_without_pooler(encoder), reach=options.reach), tokenizer, options=options, **settings)

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *, device: str | None = None, precision: str = "auto"
    ) -> LearnedQuoteFinder:
        """Load a model folder: what `quotestance train` writes for a recipe of quotes.

        Raises ModelError where the folder is not one of ours, or holds pickled weights or code.
        """
        from safetensors.torch import load_file
        from transformers import AutoConfig, AutoModel, AutoTokenizer

        path, settings = read_folder(folder, task="quotes")
        options = FinderOptions(**settings["options"])
        with quiet_transformers():
            config = AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)
            encoder = _without_pooler(AutoModel.from_config(config, trust_remote_code=False))
            tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
        network = QuoteNetwork(encoder, reach=options.reach)
        weights = {name: value.float() for name, value in load_file(path / WEIGHTS_FILE).items()}
        missing = set(network.state_dict()) ^ set(weights)
        if missing:
            raise ModelError(f"{path / WEIGHTS_FILE} does not fit its settings: {', '.join(sorted(missing)[:3])} …")
        network.load_state_dict(weights)
        return cls(
            network,
            tokenizer,
            options=options,
            name=settings["name"],
            revision=weights_revision(path),
            folder=path,
            device=device,
            precision=precision,
        )

    def save_pretrained(self, folder: str | Path, **provenance: Any) -> Path:
        """Write the folder, weights in half precision; `provenance` (recipe, scores, …) is kept in quotestance.json."""
        from safetensors.torch import save_file

        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        half = {
            name: value.detach().to("cpu", torch.float16).contiguous()
            for name, value in self.network.state_dict().items()
        }
        save_file(half, path / WEIGHTS_FILE, metadata={"format": "pt"})
        (path / WEIGHTS_FILE).chmod(0o644)
        self.network.encoder.config.save_pretrained(path)
        self.tokenizer.save_pretrained(path)
        settings = {"name": self.name, "task": "quotes", "options": asdict(self.options), **provenance}
        (path / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def with_options(self, **changes: Any) -> LearnedQuoteFinder:
        """The same weights, decoded otherwise."""
        return LearnedQuoteFinder(
            self.network,
            self.tokenizer,
            options=replace(self.options, **changes),
            name=self.name,
            revision=self.revision,
            device=str(self.device),
            precision=self.precision,
        )

    def find_quotes(self, text: str) -> tuple[Quote, ...]:
        """The quotes of a text in its order."""
        return next(self.find_many([text]))

    def find_many(self, texts: Iterable[str]) -> Iterator[tuple[Quote, ...]]:
        """The quotes of each text, in order; a few texts are held at a time.

        Of texts that are not English only what stands in quotation marks is found, by rules; a warning is logged.
        """
        waiting = iter(texts)
        while chunk := list(islice(waiting, ARTICLES_A_CHUNK)):
            english = [is_english(text) for text in chunk]
            found = iter([self.decode(*one) for one in self.read(list(compress(chunk, english)))])
            for text, readable in zip(chunk, english, strict=True):
                yield next(found) if readable else RULES.find_quotes(text)

    def read(self, texts: Iterable[str]) -> Iterator[tuple[Words, Tensor]]:
        """Each text's words and their vectors, (words, hidden): all that decoding needs."""
        waiting = iter(texts)
        while chunk := list(islice(waiting, ARTICLES_A_CHUNK)):
            articles = [words_of(text, self.tokenizer) for text in chunk]
            with torch.inference_mode():
                vectors = self._vectors(articles)
            yield from zip(articles, vectors, strict=True)

    @torch.inference_mode()
    def decode(self, words: Words, vectors: Tensor) -> tuple[Quote, ...]:
        """The quotes of a text that was read."""
        return quotes_of(words, self._found(words, vectors), snap=self.options.snap) if len(words) else ()

    def _vectors(self, articles: Sequence[Words]) -> list[Tensor]:
        """For each article the vectors of its words, each read in the window where it has context on both sides."""
        size, context = self.options.size - 2, self.options.context  # two tokens mark beginning and end
        hidden = int(self.network.encoder.config.hidden_size)
        vectors = [torch.zeros(len(words), hidden, device=self.device) for words in articles]
        windows = [
            (number, w) for number, words in enumerate(articles) for w in windows_of(words, size=size, context=context)
        ]
        lengths = [int(articles[n].first[w.right] - articles[n].first[w.left]) for n, w in windows]
        budget = TOKENS_A_BATCH * (GPU_FACTOR if self.device.type == "cuda" else 1)
        for rows in length_sorted_batches(lengths, budget):
            chosen = [windows[row] for row in rows]
            batch = batch_of([(articles[n], w) for n, w in chosen], self.tokenizer, size=size).to(self.device)
            with autocast(self.precision, self.device):
                read = self.network.word_vectors(batch)
            parts = torch.split(read, [window.core_end - window.core for _, window in chosen])  # type: ignore[no-untyped-call]
            for (number, window), part in zip(chosen, parts, strict=True):
                vectors[number][window.core : window.core_end] = part
            give_back()
        return vectors

    @torch.inference_mode()
    def emissions(self, words: Words, vectors: Tensor) -> Tensor:
        """Of a text that was read: the scores of each word's tags, (words, tags), before transitions between them."""
        paragraph = torch.from_numpy(words.paragraph).to(self.device)
        same = torch.cat([paragraph.new_zeros(1), (paragraph[1:] == paragraph[:-1]).long()]).float()
        return self.network.emissions(vectors, same)

    def _found(self, words: Words, vectors: Tensor) -> list[Found]:
        paragraph = torch.from_numpy(words.paragraph).to(self.device)
        emissions = self.emissions(words, vectors)
        emissions[:, [tag("content", BEGIN), tag("content", SINGLE)]] += self.options.opening
        tagged = spans_of_tags(self._tags(words, emissions))
        tagged_contents = [place for place in tagged["content"] if _says_something(words, place)]
        contents = with_speech_in_single_marks(words, tagged_contents)
        if not contents:
            return []
        start, end = (torch.tensor([place[side] for place in contents], device=self.device) for side in (0, 1))
        fragments = Fragments(start, end, torch.zeros_like(start), torch.full_like(start, len(words)))
        made = self.network.fragment_vectors(vectors, fragments)
        scores, places = self.network.pointers(vectors, made, fragments, paragraph)
        logs = scores.log_softmax(2).cpu().numpy().astype(np.float64)
        goes_on = [False] * len(contents)
        if len(contents) > 1:
            order = torch.arange(len(contents), device=self.device)
            links = self.network.links(vectors, made, fragments, order[:-1], order[1:])
            goes_on = [False, *(links > self.options.link).tolist()]
        where, pieces = places.cpu().numpy(), pieces_between(contents, len(words), mention_borders(words))
        found = []
        for row, place in enumerate(contents):
            pointed = {}
            for number, role in enumerate(POINTED):
                first, last = logs[row, ENDS * number], logs[row, ENDS * number + 1]
                pointed[role] = self._mention(first, last, where[row], place, tagged[role], pieces)
            found.append(Found(place, pointed["source"], pointed["cue"], goes_on[row]))
        return found

    def _mention(
        self, first: Any, last: Any, where: Any, content: Place, tagged: Sequence[Place], pieces: Any
    ) -> Pointed:
        if self.options.pointing == NEAREST_TAGGED:
            return nearest_mention(content, tagged, self.options.reach)
        return best_mention(first, last, where, tagged if self.options.pointing == POINT_AT_TAGGED else None, pieces)

    def _tags(self, words: Words, emissions: Tensor) -> list[int]:
        """The likeliest tags, paragraph by paragraph; those of like length at once, so that a long one does not widen all."""
        starts, lengths = _runs(words.paragraph)
        tags = np.empty(len(words), np.int64)
        for rows in length_sorted_batches(lengths.tolist(), WORDS_AT_ONCE):
            places, held = _grid(starts[rows], lengths[rows])
            picked = emissions[torch.from_numpy(places).to(self.device)]
            paths = self.network.crf.viterbi(picked, torch.from_numpy(held).to(self.device))
            tags[places[held]] = np.concatenate(paths)
        return list(tags.tolist())


def _without_pooler(encoder: Any) -> Any:
    """The encoder without the layer that some have for whole texts, which nothing here reads."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder


def paragraph_grid(paragraph: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Flat words as (paragraphs, longest) numbers and a mask; the words of a paragraph stand together."""
    return _grid(*_runs(paragraph))


def _runs(paragraph: Numbers) -> tuple[Numbers, Numbers]:
    """Where each paragraph begins, and how many words it has."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(paragraph)) + 1])
    return starts, np.diff(np.concatenate([starts, [len(paragraph)]]))


def _grid(starts: Numbers, lengths: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    steps = np.arange(int(lengths.max()))
    mask = steps[None, :] < lengths[:, None]
    return np.where(mask, starts[:, None] + steps[None, :], starts[:, None]), mask


def _says_something(words: Words, place: Place) -> bool:
    held = words.text[int(words.start[place[0]]) : int(words.end[place[1] - 1])]
    return any(character.isalnum() for character in held)
