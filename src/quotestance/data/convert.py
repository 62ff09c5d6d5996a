"""Material from one format into another, with a plain word on what each way loses.

Formats: `articles` (.json, .jsonl), `pairs` (.csv, .tsv, .parquet, .jsonl), `brat` (a folder of .txt and .ann),
`labelstudio` (a JSON export or import).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quotestance.data.atomic import STANDARD_STREAM, holds_nothing, write_text
from quotestance.data.brat import read_brat, write_brat
from quotestance.data.errors import FormatError
from quotestance.data.files import read_articles, write_articles
from quotestance.data.json_lines import read_json
from quotestance.data.label_studio import labelling_config, read_label_studio, write_label_studio
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.material import holds_articles, refuse_columns, with_text
from quotestance.data.packing import without_packing
from quotestance.data.pair_tables import DELIMITERS, PARQUET, read_pairs, write_pairs
from quotestance.data.pairs import Pair, article_pairs, article_questions
from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target
from quotestance.data.targets import target_from_name

FORMATS = ("articles", "pairs", "brat", "labelstudio")
READERS: dict[str, Callable[[str | Path], Iterator[Article]]] = {
    "articles": read_articles,
    "brat": read_brat,
    "labelstudio": read_label_studio,
}
WRITERS: dict[str, Callable[[Iterable[Article], str | Path], int]] = {
    "articles": write_articles,
    "brat": write_brat,
    "labelstudio": write_label_studio,
}

# (from, to) -> what does not arrive. A way that is not named loses nothing.
LOSSES: dict[tuple[str, str], tuple[str, ...]] = {
    ("articles", "pairs"): (
        "titles, sources, dates and unknown keys of the articles",
        "ids of speakers (their names stay), mentions, cues, and ids, aliases and descriptions of targets",
        "single annotators: the gold label, the common one, or 'unclear' is kept",
        "quotes about which nothing is asked",
    ),
    ("pairs", "articles"): (
        "places of target mentions",
        "the names of groups, where one group has several texts: each is an article of its own, which a split may hold out alone (split the table instead)",
    ),
    ("articles", "brat"): (
        "quotes without spans, and unknown keys inside spans, mentions and cues",
        "the border between two spans with only white space between them",
    ),
    ("brat", "articles"): (
        "marks, events and attributes other than Content, Source, Cue, Attribution, Kind and Stance_…",
        "second sources and cues of a quote",
    ),
    ("articles", "labelstudio"): (
        "quotes without spans, and unknown keys inside spans, mentions and cues",
        "questions (stances without a label): the interface asks them of every quote",
        "if tasks come back from Label Studio without 'meta': ids and kinds of quotes, ids of speakers, "
        "annotators and probabilities",
    ),
    ("labelstudio", "articles"): (
        "drafts, predictions, and regions other than Quote, Speaker and Cue",
        "when each person marked what",
    ),
}


@dataclass(frozen=True)
class Conversion:
    """How many articles or rows were written, and what the way there loses."""

    records: int
    source_format: str
    target_format: str
    losses: tuple[str, ...]
    interface: Path | None = None  # of Label Studio, for the targets of the articles


def convert(
    source: str | Path,
    target: str | Path,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    corpora: str | Path | None = None,
    labels: LabelSet = CODEBOOK,
    columns: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> Conversion:
    """Read `source`, write `target`. Formats are told by ending and content unless named.

    Beside tasks for Label Studio the labelling interface for their targets is written. Records without text get it from `corpora` where the target needs it. `labels` is the label set of a pair table or
    brat folder that is not the codebook's, `columns` a table's names for our columns. Raises FormatError, also where something lies at `target` and `overwrite` is not
    given, and CorpusError where a text is missing.
    """
    reads = _known(source_format) or format_of(source)
    writes = _known(target_format) or _target_format(target)
    if not overwrite:
        _refuse_to_overwrite([target, *([_interface_of(target)] if writes == "labelstudio" else [])])
    if reads != "pairs":
        refuse_columns(str(source), columns)
    if reads == writes == "pairs":
        return Conversion(write_pairs(read_pairs(source, columns, labels=labels), target), reads, writes, ())
    articles = (
        pairs_to_articles(read_pairs(source, columns, labels=labels), labels=labels)
        if reads == "pairs"
        else _read(source, reads)
    )
    if writes != "articles":
        articles = with_text(articles, corpora)
    interface = _Interface()
    done = _write(interface.noting(articles), target, writes)
    place = interface.write(target) if writes == "labelstudio" else None
    return Conversion(done, reads, writes, losses(reads, writes), place)


def _refuse_to_overwrite(places: Iterable[str | Path]) -> None:
    """Raises FormatError where a file that is not empty, or a folder that holds something, lies at one of these places."""
    for place in map(Path, places):
        if not holds_nothing(place):
            raise FormatError(f"{place}: lies there already. Name another place, or say --overwrite if it may be lost.")


def _interface_of(tasks: str | Path) -> Path:
    """Where the labelling interface for tasks lies: `tasks.interface.xml` beside `tasks.json`."""
    return without_packing(tasks).with_suffix(".interface.xml")


def losses(reads: str, writes: str) -> tuple[str, ...]:
    """What a conversion loses, in words; by way of articles where neither format is articles."""
    if "articles" in (reads, writes):
        return LOSSES.get((reads, writes), ())
    return () if reads == writes else (*LOSSES.get((reads, "articles"), ()), *LOSSES.get(("articles", writes), ()))


def format_of(path: str | Path) -> str:
    """The format of what is at a path. Raises FormatError where it is none of ours."""
    place = Path(path)
    if place.is_dir():
        return "brat" if next(place.rglob("*.ann"), None) else "articles"
    if not holds_articles(path):
        return "pairs"
    first = next(read_json(path, whole=True), None) if place.suffix.lower() == ".json" else None
    value = first.value if first is not None else None
    return (
        "labelstudio"
        if isinstance(value, list) or (isinstance(value, dict) and "annotations" in value and "data" in value)
        else "articles"
    )


def articles_to_pairs(articles: Iterable[Article]) -> Iterator[Pair]:
    """All labelled pairs, 'unclear' ones too, and all questions, article by article."""
    for article in articles:
        labelled = list(article_pairs([article], unclear=True))
        known = {pair.id for pair in labelled}
        yield from labelled
        yield from (pair for pair in article_questions([article]) if pair.id not in known)


def pairs_to_articles(pairs: Iterable[Pair], *, labels: LabelSet = CODEBOOK) -> Iterator[Article]:
    """One article for each text, with a quote for each marked place (the whole text where none is marked).

    Ids made by `pair_id` (article#quote#target) are taken apart again; other articles are called after their group.
    Extra columns become unknown keys of the stance.
    """
    texts: dict[tuple[str, str | None], list[Pair]] = {}
    for pair in pairs:
        texts.setdefault((pair.text, pair.group), []).append(pair)
    used: set[str] = set()
    for (_, group), rows in texts.items():
        name = _unused(_article_id(rows) or group or rows[0].id, used)
        used.add(name)
        yield _article(name, rows, labels)


def _read(source: str | Path, reads: str) -> Iterator[Article]:
    return READERS[reads](source)


def _write(articles: Iterable[Article], target: str | Path, writes: str) -> int:
    if writes == "pairs":
        return write_pairs(articles_to_pairs(articles), target)
    return WRITERS[writes](articles, target)


class _Interface:
    """The targets and labels of the articles that pass, as the labelling interface for them."""

    def __init__(self) -> None:
        self.targets: dict[str, Target] = {}
        self.labels: dict[str, None] = {}

    def noting(self, articles: Iterable[Article]) -> Iterator[Article]:
        for article in articles:
            for target in article.targets:
                self.targets.setdefault(target.id, target)
            self.labels |= dict.fromkeys(article.label_set)
            yield article

    def write(self, tasks: str | Path) -> Path | None:
        """Write it beside the tasks and return its place; none beside standard output."""
        if str(tasks) == STANDARD_STREAM or not self.targets:
            return None
        place = _interface_of(tasks)
        write_text(place, labelling_config(self.targets.values(), LabelSet(tuple(self.labels))))
        return place


def _known(name: str | None) -> str | None:
    if name is not None and name not in FORMATS:
        raise FormatError(f"Unknown format '{name}'. There are: {', '.join(FORMATS)}.")
    return name


def _target_format(path: str | Path) -> str:
    ending = without_packing(path).suffix.lower()
    if ending in (*DELIMITERS, PARQUET):
        return "pairs"
    return "articles" if ending or str(path) == "-" else "brat"


def _article(name: str, rows: list[Pair], labels: LabelSet) -> Article:
    parts = {pair.id: pair.id.split("#") for pair in rows} if _article_id(rows) else {}
    targets: dict[str, Target] = {}
    for pair in rows:
        if pair.target not in targets:
            made = target_from_name(pair.target, taken={target.id for target in targets.values()})
            given = {"id": parts[pair.id][2]} if parts else {}
            targets[pair.target] = made.replace(
                name=pair.target,
                aliases=pair.aliases,
                **given,
                **({"kind": pair.target_kind} if pair.target_kind else {}),
            )
    speakers: dict[str, Speaker] = {}
    for pair in rows:
        if pair.speaker and pair.speaker.strip() and pair.speaker not in speakers:
            taken = {speaker.id for speaker in speakers.values()}
            speakers[pair.speaker] = Speaker(id=target_from_name(pair.speaker, taken=taken).id, name=pair.speaker)
    quotes: dict[Any, list[Pair]] = {}
    for pair in rows:
        quotes.setdefault(parts[pair.id][1] if parts else (pair.quote, pair.speaker), []).append(pair)
    made_quotes = tuple(
        _quote(key if parts else f"q{number}", same, {name: target.id for name, target in targets.items()}, speakers)
        for number, (key, same) in enumerate(quotes.items(), 1)
    )
    fields: dict[str, Any] = {"labels": tuple(labels)} if labels != CODEBOOK else {}
    if speakers:
        fields["speakers"] = tuple(speakers.values())
    return Article(id=name, text=rows[0].text, targets=tuple(targets.values()), quotes=made_quotes, **fields)


def _quote(name: str, rows: list[Pair], target_ids: dict[str, str], speakers: dict[str, Speaker]) -> Quote:
    first = rows[0]
    fields: dict[str, Any] = {"kind": first.quote_kind} if first.quote_kind else {}
    if first.speaker and first.speaker in speakers:
        fields["speaker"] = QuoteSpeaker(id=speakers[first.speaker].id)
    places = first.quote or ((0, len(first.text)),)
    return Quote(
        id=name,
        spans=tuple(Span.of(first.text, start, end) for start, end in places),
        stances=tuple(_stance(pair, target_ids[pair.target]) for pair in rows),
        **fields,
    )


def _stance(pair: Pair, target_id: str) -> Stance:
    fields: dict[str, Any] = {key: value for key, value in pair.extra.items() if key not in Stance.model_fields}
    if pair.annotator is not None:
        fields["annotator"] = pair.annotator
    if pair.probabilities is not None:
        fields["probabilities"] = dict(pair.probabilities)
    return Stance(target=target_id, label=pair.label, **fields)


def _article_id(rows: list[Pair]) -> str | None:
    """The article that all ids of the rows name, where they are of the form article#quote#target and fit together."""
    parts = [pair.id.split("#") for pair in rows]
    if any(len(one) != 3 or not all(one) for one in parts) or len({one[0] for one in parts}) > 1:
        return None
    names = {(one[2], pair.target) for one, pair in zip(parts, rows, strict=True)}
    places = {(one[1], pair.quote, pair.speaker) for one, pair in zip(parts, rows, strict=True)}
    one_to_one = len(names) == len({name for name, _ in names}) == len({target for _, target in names})
    return parts[0][0] if one_to_one and len(places) == len({one[0] for one in places}) else None


def _unused(name: str, used: set[str]) -> str:
    made, number = name, 2
    while made in used:
        made, number = f"{name}-{number}", number + 1
    return made
