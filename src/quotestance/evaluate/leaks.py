"""Held-out and training material into what stands in both: articles, texts, and texts that are nearly the same.

A text is compared by its words alone: case, white space and punctuation are folded. Nearly the same means that the runs of
five words (shingles) of both overlap by half (Jaccard index), or that nine tenths of those of the held-out
text stand in the training text (Broder 1997). Training is given as pairs, or as the `fingerprint` that is kept beside a model's weights: it holds digests and
samples of shingles and no word of the texts, and overlaps are then estimated from the samples.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quotestance.data.errors import FormatError
from quotestance.data.pairs import Pair
from quotestance.evaluate.breakdowns import folded

FORMAT = "quotestance-fingerprint/1"
SHINGLE = 5  # words
FEWEST_SHINGLES = 6  # texts under ten words are compared whole, and not for being nearly the same
FEWEST_QUOTE_WORDS = 5  # shorter quotes inside an article ("I agree") recur by themselves
NEAR_JACCARD = 0.5
NEAR_CONTAINMENT = 0.9
FEWEST_SHARED = 3  # shingles that a sample must share before anything is estimated from it
COMMON = 200  # a shingle that stands in more training texts than this is a formula and finds no candidates
LARGEST_FINGERPRINT = 1_950_000  # bytes: the samples are made as long as fit
SAMPLE_SIZES = (256, 128, 64, 48, 32, 24, 16, 12, 8, 6, 4)
DIGEST_BYTES = 6
MOST_FOUND = 500  # findings that are listed; all are counted

WORD = re.compile(r"\w+")
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Leak:
    """One thing that stands in both. `pairs` counts the held-out pairs it touches; `training` is None where only digests are known.

    `kind`: 'same group', 'same text', 'same quote', 'near-duplicate text' or 'near-duplicate quote'. `similarity` is the larger of
    Jaccard index and containment.
    """

    kind: str
    heldout: str
    training: str | None
    similarity: float
    pairs: int


@dataclass(frozen=True)
class Leaks:
    """What was found. `affected` are the ids of the held-out pairs that stand, wholly or nearly, in training."""

    heldout_pairs: int
    training_pairs: int
    affected: tuple[str, ...]
    found: tuple[Leak, ...]
    estimated: bool = False
    training_targets: Set[str] | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return bool(self.affected)

    @property
    def message(self) -> str:
        """One sentence for the head of a report."""
        if not self:
            return f"None of {self.heldout_pairs:,} held-out pairs was found in {self.training_pairs:,} training pairs."
        return (
            f"{len(self.affected):,} of {self.heldout_pairs:,} held-out pairs also stand in training (same article, or the same or "
            "nearly the same text): scores on them say nothing about new articles."
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "heldout_pairs": self.heldout_pairs,
            "training_pairs": self.training_pairs,
            "affected_pairs": len(self.affected),
            "affected": list(self.affected[:MOST_FOUND]),
            "found": [leak.__dict__ for leak in self.found[:MOST_FOUND]],
            "found_total": len(self.found),
            "estimated": self.estimated,
            "message": self.message,
        }


def find_leaks(heldout: Iterable[Pair], training: Iterable[Pair | Mapping[str, Any]] | Mapping[str, Any]) -> Leaks:
    """Articles, texts and quotes of `heldout` that also stand in `training`, exactly or nearly.

    `training`: pairs, a fingerprint, or both in one list, such as a model's own fingerprint after pairs it may have seen too.
    Groups are equal where their names and corpora are. A group that is the pair's target is a topic: that it is known is no leak,
    but a condition, and the breakdown 'seen' shows it. A pair without a marked quote is one text; with one, both the quote (of
    five words or more) and the article around it are compared. Raises FormatError where a fingerprint cannot be read.
    """
    indexes = _indexes(training)
    pairs = list(heldout)
    groups: dict[str, list[str]] = {}
    for pair in pairs:
        if (key := _group_key(pair)) is not None:
            groups.setdefault(key, []).append(pair.id)
    leaks: list[Leak] = []
    affected: set[str] = set()
    for key, ids in groups.items():
        digest = _digest(key)
        if (names := next((index.groups for index in indexes if digest in index.groups), None)) is not None:
            leaks.append(Leak("same group", _group_name(key), names[digest], 1.0, len(ids)))
            affected.update(ids)
    for passage in sorted(_passages(pairs).values(), key=lambda one: one.role, reverse=True):  # texts before quotes
        known = passage.role == "quote" and affected.issuperset(
            passage.names
        )  # a quote of an article that was found adds nothing
        hits = [] if known else [hit for index in indexes if (hit := index.nearest(passage)) is not None]
        if hits:
            kind, training_name, similarity = max(hits, key=lambda hit: (hit[0] == "same", hit[1] is not None, hit[2]))
            leaks.append(
                Leak(
                    f"{kind} {passage.role}", passage.names[0], training_name, round(similarity, 3), len(passage.names)
                )
            )
            affected.update(passage.names)
    order = {pair.id: None for pair in pairs if pair.id in affected}
    leaks.sort(key=lambda leak: (-leak.pairs, leak.kind, leak.heldout))
    return Leaks(
        len(pairs),
        sum(index.pairs for index in indexes),
        tuple(order),
        tuple(leaks),
        any(index.sampled for index in indexes),
        frozenset().union(*(index.target_names(pairs) for index in indexes)),
    )


def fingerprint(pairs: Iterable[Pair]) -> dict[str, Any]:
    """Training material as digests and samples of shingles: plain JSON, under 2 MB for 35,000 pairs, and no word of the texts.

    Keep it beside a model's weights and pass it to `find_leaks` as `training`.
    """
    rows = list(pairs)
    passages = list(_passages(rows).values())
    groups = sorted({_digest(key) for pair in rows if (key := _group_key(pair)) is not None})
    targets = sorted({_digest(folded(pair.target)) for pair in rows})
    size = _sample_size([len(passage.shingles) for passage in passages], DIGEST_BYTES * (len(groups) + len(targets)))
    samples = [np.sort(passage.shingles >> np.uint64(32))[:size].astype("<u4") for passage in passages]
    return {
        "format": FORMAT,
        "pairs": len(rows),
        "groups": _packed(b"".join(groups)),
        "targets": _packed(b"".join(targets)),
        "texts": _packed(b"".join(passage.digest for passage in passages)),
        "shingles": _packed(
            np.array([min(len(passage.shingles), 65535) for passage in passages], dtype="<u2").tobytes()
        ),
        "sample_size": size,
        "samples": _packed(b"".join(sample.tobytes() for sample in samples)),
    }


def joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two fingerprints as one: of a model's own material and of that of the model it went on from. A text of both is kept once, with its longer sample."""
    both = (first, second)
    kept: dict[bytes, _StoredText] = {}
    for text in (text for one in both for text in _stored_texts(one)):
        known = kept.get(text.digest)
        kept[text.digest] = text if known is None or len(text.sample) > len(known.sample) else known
    texts = list(kept.values())

    def each_once(key: str) -> str:
        return _packed(b"".join(sorted({piece for one in both for piece in _pieces(_unpacked(one[key]))})))

    return {
        "format": FORMAT,
        "pairs": first["pairs"] + second["pairs"],
        "groups": each_once("groups"),
        "targets": each_once("targets"),
        "texts": _packed(b"".join(text.digest for text in texts)),
        "shingles": _packed(np.array([text.shingles for text in texts], dtype="<u2").tobytes()),
        "sample_sizes": _packed(np.array([text.longest for text in texts], dtype="<u2").tobytes()),
        "samples": _packed(b"".join(text.sample.tobytes() for text in texts)),
    }


class _StoredText(NamedTuple):
    """A text of a fingerprint: how many shingles it has, how long its sample may be at most, and the sample."""

    digest: bytes
    shingles: int
    longest: int
    sample: NDArray[np.uint32]


def _stored_texts(stored: Mapping[str, Any]) -> Iterator[_StoredText]:
    counts = np.frombuffer(_unpacked(stored["shingles"]), dtype="<u2").astype(np.int64)
    longest = _sample_sizes(stored)
    samples = np.frombuffer(_unpacked(stored["samples"]), dtype="<u4")
    ends = np.cumsum(np.minimum(counts, longest))
    parts = [samples[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    for digest, count, size, sample in zip(_pieces(_unpacked(stored["texts"])), counts, longest, parts, strict=True):
        yield _StoredText(digest, int(count), int(size), sample)


def _sample_sizes(stored: Mapping[str, Any]) -> NDArray[np.int64]:
    """The longest that the sample of each text may be: one number for all, or (`joined`) one each."""
    if "sample_sizes" in stored:
        return np.frombuffer(_unpacked(stored["sample_sizes"]), dtype="<u2").astype(np.int64)
    return np.full(len(_unpacked(stored["texts"])) // DIGEST_BYTES, int(stored["sample_size"]))


@dataclass(frozen=True, eq=False)
class _Passage:
    """A text or quote, the ids of the pairs it stands in, and the 64-bit hashes of its different shingles."""

    role: str
    digest: bytes
    shingles: Hashes
    names: list[str]


class _Index:
    """Training passages, found by their shingles.

    `samples[i]` are the lowest hashes of passage i, sorted (all of them where nothing is sampled). Two passages are compared on the
    range of hashes up to the highest of the sample: there, both are wholly known (bottom-k sketches, Broder 1997).
    """

    def __init__(
        self,
        pairs: int,
        groups: dict[bytes, str | None],
        targets: Set[bytes],
        digests: list[bytes],
        names: list[str] | None,
        samples: list[Hashes],
        sizes: NDArray[Any],
        *,
        shift: int,
    ) -> None:
        self.pairs, self.groups, self.targets, self.names, self.samples, self.sizes, self.shift = (
            pairs,
            groups,
            targets,
            names,
            samples,
            sizes,
            shift,
        )
        self.exact = {digest: number for number, digest in reversed(list(enumerate(digests)))}
        self.sampled = shift > 0
        lengths = np.array([len(sample) for sample in samples], dtype=np.int64)
        hashes = np.concatenate(samples) if samples else np.empty(0, np.uint64)
        order = np.argsort(hashes, kind="stable")
        self.hashes = hashes[order]
        self.owners = np.repeat(np.arange(len(samples)), lengths)[order]

    def nearest(self, passage: _Passage) -> tuple[str, str | None, float] | None:
        """(kind, training id, similarity) of the same or the most similar training passage, or None."""
        same = self.exact.get(passage.digest)
        if same is not None:
            return "same", self._name(same), 1.0
        if len(passage.shingles) < FEWEST_SHINGLES:
            return None
        ours = np.unique(passage.shingles >> np.uint64(self.shift))
        best: tuple[float, int] | None = None
        for owner in self._candidates(ours):
            similarity = self._similarity(ours, owner)
            if similarity is not None and (best is None or similarity > best[0]):
                best = (similarity, owner)
        return None if best is None else ("near-duplicate", self._name(best[1]), best[0])

    def target_names(self, heldout: Iterable[Pair]) -> frozenset[str]:
        """The held-out targets that training has too, folded."""
        return frozenset(name for name in {folded(pair.target) for pair in heldout} if _digest(name) in self.targets)

    def _candidates(self, ours: Hashes) -> Iterator[int]:
        """Training passages that share hashes of their sample with `ours`; formulas find none."""
        first = np.searchsorted(self.hashes, ours, side="left")
        last = np.searchsorted(self.hashes, ours, side="right")
        found = [self.owners[low:high] for low, high in zip(first, last, strict=True) if 0 < high - low <= COMMON]
        if not found:
            return
        owners, shared = np.unique(np.concatenate(found), return_counts=True)
        for owner, times in zip(owners, shared, strict=True):
            if times >= FEWEST_SHARED and self.sizes[owner] >= FEWEST_SHINGLES:
                yield int(owner)

    def _similarity(self, ours: Hashes, owner: int) -> float | None:
        """The larger of Jaccard index and containment of ours in theirs if either is high enough, else None."""
        theirs = self.samples[owner]
        whole = len(theirs) >= self.sizes[owner]
        in_range = ours if whole else ours[: int(np.searchsorted(ours, theirs[-1], side="right"))]
        shared = len(np.intersect1d(in_range, theirs, assume_unique=True))
        jaccard = shared / (len(in_range) + len(theirs) - shared)
        containment = shared / len(in_range) if len(in_range) >= FEWEST_SHARED else 0.0
        if jaccard < NEAR_JACCARD and containment < NEAR_CONTAINMENT:
            return None
        return float(min(1.0, max(jaccard, containment)))

    def _name(self, number: int) -> str | None:
        return None if self.names is None else self.names[number]


def _indexes(training: Iterable[Pair | Mapping[str, Any]] | Mapping[str, Any]) -> list[_Index]:
    """One of all pairs together, then one of each fingerprint."""
    given = [training] if isinstance(training, Mapping) else list(training)
    stored = [_read_fingerprint(one) for one in given if isinstance(one, Mapping)]
    pairs = [one for one in given if isinstance(one, Pair)]
    return [*([_index(pairs)] if pairs or not stored else []), *stored]


def _index(rows: list[Pair]) -> _Index:
    passages = list(_passages(rows).values())
    groups: dict[bytes, str | None] = {
        _digest(key): pair.group for pair in rows if (key := _group_key(pair)) is not None
    }
    return _Index(
        len(rows),
        groups,
        {_digest(folded(pair.target)) for pair in rows},
        [one.digest for one in passages],
        [one.names[0] for one in passages],
        [one.shingles for one in passages],
        np.array([len(one.shingles) for one in passages], dtype=np.int64),
        shift=0,
    )


def _read_fingerprint(stored: Mapping[str, Any]) -> _Index:
    if stored.get("format") != FORMAT:
        raise FormatError(
            f"The training fingerprint says format {stored.get('format')!r}, where {FORMAT!r} is read. Make it again with "
            "quotestance.evaluate.leaks.fingerprint(training pairs)."
        )
    try:
        texts = _pieces(_unpacked(stored["texts"]))
        sizes = np.frombuffer(_unpacked(stored["shingles"]), dtype="<u2").astype(np.int64)
        joined = np.frombuffer(_unpacked(stored["samples"]), dtype="<u4").astype(np.uint64)
        ends = np.cumsum(np.minimum(sizes, _sample_sizes(stored)))
        if len(texts) != len(sizes) or (len(ends) and ends[-1] != len(joined)):
            raise ValueError("its parts differ in length")
        groups: dict[bytes, str | None] = dict.fromkeys(_pieces(_unpacked(stored["groups"])))
        targets = frozenset(_pieces(_unpacked(stored["targets"])))
        pairs = int(stored["pairs"])
    except (KeyError, TypeError, ValueError) as problem:
        raise FormatError(
            f"The training fingerprint is damaged ({problem}). Make it again with quotestance.evaluate.leaks.fingerprint"
            "(training pairs)."
        ) from None
    return _Index(
        pairs,
        groups,
        targets,
        texts,
        None,
        [np.unique(one) for one in np.split(joined, ends[:-1])] if len(ends) else [],
        sizes,
        shift=32,
    )


def _passages(pairs: Iterable[Pair]) -> dict[bytes, _Passage]:
    """The different texts and quotes of pairs by their digest, each with the ids of all its pairs."""
    found: dict[bytes, _Passage] = {}
    digests: dict[str, tuple[bytes, list[str]]] = {}  # an article's text recurs with every pair of it
    hashes: dict[str, int] = {}
    for pair in pairs:
        for role, text in _texts(pair):
            if text not in digests:
                words = WORD.findall(text.casefold()) or text.split()
                if role == "quote" and len(words) < FEWEST_QUOTE_WORDS:
                    continue
                digests[text] = (_digest(" ".join(words)), words)
            digest, words = digests[text]
            if not words:
                continue
            if digest not in found:
                found[digest] = _Passage(role, digest, _shingles(words, hashes), [])
                digests[text] = (digest, words[:1])
            if not found[digest].names or found[digest].names[-1] != pair.id:
                found[digest].names.append(pair.id)
    return found


def _texts(pair: Pair) -> Iterator[tuple[str, str]]:
    if pair.text:
        yield "text", pair.text
    if pair.quote:
        yield "quote", pair.quote_text


def _shingles(words: list[str], hashes: dict[str, int]) -> Hashes:
    """The sorted, different 64-bit hashes of every run of five words; of all words where there are fewer."""
    for word in words:
        if word not in hashes:
            hashes[word] = int.from_bytes(
                hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
            )
    row = np.array([hashes[word] for word in words], dtype=np.uint64)
    width = min(SHINGLE, len(words))
    mixed = np.zeros(len(words) - width + 1, dtype=np.uint64)
    for offset in range(width):  # a polynomial in the words' hashes, modulo 2**64
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + row[offset : offset + len(mixed)]
    mixed ^= mixed >> np.uint64(31)  # so that the lowest hashes are a random sample
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def _sample_size(sizes: list[int], other: int) -> int:
    """The longest sample a passage with which the fingerprint, its `other` bytes included, stays under its limit."""
    for size in SAMPLE_SIZES:
        needed = other + sum(DIGEST_BYTES + 2 + 4 * min(size, one) for one in sizes)
        if needed * 4 / 3 <= LARGEST_FINGERPRINT:
            return size
    return SAMPLE_SIZES[-1]


def _group_key(pair: Pair) -> str | None:
    """The article of a pair within its corpus; None where it has none, or its group is its target."""
    if pair.group is None or folded(pair.group) == folded(pair.target):
        return None
    return f"{pair.corpus or ''}\0{pair.group}"


def _group_name(key: str) -> str:
    return key.partition("\0")[2]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _pieces(joined: bytes) -> list[bytes]:
    return [joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES)]


def _packed(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unpacked(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
