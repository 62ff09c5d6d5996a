"""brat standoff folders into articles and back: an Attribution event for each quote, stances as its attributes.

    T1	Content 812 849	We will not negotiate under pressure,
    T2	Source 853 863	the cleric
    T3	Cue 864 870	warned
    T4	Attribution 864 870	warned
    E1	Attribution:T4 Content:T1 Source:T2 Cue:T3
    A1	Kind E1 direct
    A2	Stance_us-talks E1 against

That is PolNeAR's scheme with attributes added. Files of other hands may use relations (`R1 Attribution Arg1:T1
Arg2:T2`) instead of events. What brat has no place for stands in notes (as JSON) and in `<article>.meta.json` beside
the text, which brat passes over.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quotestance.data.atomic import whole_file
from quotestance.data.errors import FormatError
from quotestance.data.files import article_record, to_article
from quotestance.data.json_lines import Entry, decoded, json_line, read_json
from quotestance.data.labels import UNCLEAR
from quotestance.data.records import FORMAT, Article, Quote, Stance

STANCE, KIND, EVENT = "Stance_", "Kind", "Attribution"
ROLES = {"Content": "spans", "Source": "mention", "Cue": "cue"}
KINDS = ("direct", "indirect", "mixed")
MARK = re.compile(r"(T\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t?(.*)")
LINKS = re.compile(r"([ER]\d+)\t(\S+) ?(.*)")
ATTRIBUTE = re.compile(r"[AM]\d+\t(\S+) ([ETR]\d+)(?: (.+))?")
NOTE = re.compile(r"#\d+\tAnnotatorNotes ([EA]\d+)\t(\{.*\})")
ARGUMENT = re.compile(r"(\S+?):(T\d+)")
SAFE_NAME = re.compile(r"[A-Za-z0-9_-]+")
QUOTATION_MARKS = '"“”„«»'
OUTSIDE_A_SPAN = QUOTATION_MARKS + " \t\r\n\u00a0"

Places = list[tuple[int, int]]


def read_brat(folder: str | Path) -> Iterator[Article]:
    """The articles of a folder of `.txt` and `.ann` files, by name; a text without `.ann` has no quotes.

    Contents of other hands lose quotation marks and white space at their ends, and their kind is told by the marks.
    Raises FormatError with file and line where a mark does not hold its words or an event names a mark that is not
    there.
    """
    root = Path(folder)
    texts = sorted(root.rglob("*.txt")) if root.is_dir() else []
    if not texts:
        raise FormatError(
            f"{folder}: there is no .txt file in this folder. brat keeps each article as NAME.txt with its marks "
            "in NAME.ann."
        )
    for path in texts:
        text = decoded_exactly(path)
        annotation = path.with_suffix(".ann")
        standoff = _Standoff(annotation, text) if annotation.exists() else None
        meta = _meta(path)
        quotes = standoff.quotes() if standoff else []
        targets = meta.get("targets") or _targets_of(quotes)
        record = {
            "id": path.relative_to(root).with_suffix("").as_posix(),
            **meta,
            "text": text,
            "targets": targets,
            "quotes": quotes,
        }
        yield to_article(Entry(str(annotation), None, record, b""))


def write_brat(articles: Iterable[Article], folder: str | Path) -> int:
    """Write each article as `.txt`, `.ann` and `.meta.json` into a folder, with brat's `annotation.conf`; their
    number."""
    root, count = Path(folder), 0
    targets: dict[str, None] = {}
    labels: dict[str, None] = {}
    used: set[str] = set()
    for article in articles:
        if article.text is None:
            raise FormatError(
                f"article '{article.id}': has no text, which brat needs. Join it to its corpus first (--corpora DIR)."
            )
        name = _file_name(article.id, used)
        record = article_record(article)
        for ending, content in (
            (".txt", article.text.encode("utf-8")),
            (".ann", "".join(line + "\n" for line in _lines(article)).encode("utf-8")),
            (
                ".meta.json",
                json_line(
                    {key: value for key, value in record.items() if key not in ("text", "quotes")},
                    where=article.id,
                    indent=2,
                ),
            ),
        ):
            with whole_file(root / (name + ending)) as stream:
                stream.write(content)
        targets.update(dict.fromkeys(_attribute(target.id, number) for number, target in enumerate(article.targets)))
        labels.update(dict.fromkeys([*article.label_set, UNCLEAR]))
        count += 1
    with whole_file(root / "annotation.conf") as stream:
        stream.write(_configuration(targets, labels).encode("utf-8"))
    return count


def decoded_exactly(path: Path) -> str:
    """The text of a file with its line ends as they stand; a BOM is kept, since brat counts it."""
    raw = path.read_bytes()
    decoded(raw, str(path))
    return raw.decode("utf-8")


@dataclass
class _Links:
    """An event, or the relations around one content: its marks by role, and what is said of it."""

    marks: dict[str, Places] = field(default_factory=dict)
    attributes: list[tuple[str, str, str | None]] = field(default_factory=list)  # id, name, value


class _Standoff:
    """An `.ann` file: marks, what links them, attributes and notes."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.marks: dict[str, tuple[str, Places]] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        links: list[tuple[str, str, str, str]] = []
        attributes: list[tuple[str, str, str, str | None]] = []
        for number, line in enumerate(decoded(path.read_bytes(), str(path)).split("\n"), 1):
            line = line.removesuffix("\r")
            where = f"{path}, line {number}"
            if mark := MARK.match(line):
                self.marks[mark[1]] = (mark[2], self._checked(mark, where))
            elif link := LINKS.match(line):
                links.append((where, link[1], link[2], link[3]))
            elif attribute := ATTRIBUTE.match(line):
                attributes.append((line.split("\t")[0], attribute[1], attribute[2], attribute[3]))
            elif note := NOTE.match(line):
                self.notes[note[1]] = _json_note(note[2])
        self.links = self._linked(links)
        for name, attribute_name, owner, value in attributes:
            if owner in self.links:
                self.links[owner].attributes.append((name, attribute_name, value))

    def quotes(self) -> list[dict[str, Any]]:
        made = [(name, self._quote(name, linked)) for name, linked in self.links.items()]
        found = [quote for _, quote in made if quote]
        return found if self.notes else sorted(found, key=lambda quote: quote["spans"][0]["start"])

    def _checked(self, mark: re.Match[str], where: str) -> Places:
        places = [(int(start), int(end)) for start, end in re.findall(r"(\d+) (\d+)", mark[3])]
        held = " ".join(self.text[start:end] for start, end in places)
        if any(not start < end <= len(self.text) for start, end in places):
            raise FormatError(
                f"{where}, {mark[1]}: {mark[3]} is no place in the text, which has {len(self.text)} characters. "
                "Use the .txt that was annotated, with its line ends unchanged."
            )
        if mark[4] and not "".join(held.split()).startswith("".join(mark[4].split())):
            raise FormatError(
                f"{where}, {mark[1]}: the mark says {mark[4][:80]!r}, but characters {mark[3]} hold {held[:80]!r}. "
                "Use the .txt that was annotated, with its line ends unchanged."
            )
        return places

    def _linked(self, lines: list[tuple[str, str, str, str]]) -> dict[str, _Links]:
        links: dict[str, _Links] = {}
        linked: set[str] = set()
        for where, name, kind, rest in lines:
            arguments = ARGUMENT.findall(f"{kind} {rest}" if name[0] == "E" else rest)
            for _, mark in arguments:
                if mark not in self.marks:
                    raise FormatError(
                        f"{where}: {name} names the mark {mark}, which is not in the file. Add it, or remove {name}."
                    )
            if name[0] == "E":
                roles = [(role.rstrip("0123456789"), mark) for role, mark in arguments]
                owner = name
            else:
                roles = [(self.marks[mark][0], mark) for _, mark in arguments]
                owner = next((mark for role, mark in roles if role == "Content"), name)
            for role, mark in roles:
                marks = links.setdefault(owner, _Links()).marks.setdefault(role, [])
                marks.extend(place for place in self.marks[mark][1] if place not in marks)
                linked.add(mark)
        for mark, (kind, places) in self.marks.items():
            if kind == "Content" and mark not in linked:
                links[mark] = _Links({"Content": list(places)})
        return links

    def _quote(self, name: str, linked: _Links) -> dict[str, Any] | None:
        note = self.notes.get(name)
        merged = _without_blank_gaps(self.text, sorted(linked.marks.get("Content", [])))
        places = merged if note is not None else [place for one in merged if (place := _trimmed(self.text, *one))]
        if not places:
            return None
        said = dict((attribute, value) for _, attribute, value in linked.attributes)
        kind = said.get(KIND) if KIND in said else _kind_by_marks(self.text, merged, places) if note is None else None
        quote: dict[str, Any] = {"id": name, **{key: value for key, value in (note or {}).items() if key != "speaker"}}
        if kind is not None:
            quote["kind"] = kind
        quote["spans"] = [self._span(*place) for place in places]
        speaker = dict((note or {}).get("speaker") or {})
        if source := sorted(linked.marks.get("Source", [])):
            speaker["mention"] = self._span(source[0][0], _without_blank_gaps(self.text, source)[0][1])
        if speaker:
            quote["speaker"] = speaker
        if cue := sorted(linked.marks.get("Cue", [])):
            quote["cue"] = self._span(*_without_blank_gaps(self.text, cue)[0])
        stances = [
            {"target": attribute.removeprefix(STANCE), "label": value, **self.notes.get(one, {})}
            for one, attribute, value in linked.attributes
            if attribute.startswith(STANCE)
        ]
        if stances:
            quote["stances"] = stances
        return quote

    def _span(self, start: int, end: int) -> dict[str, Any]:
        return {"start": start, "end": end, "text": self.text[start:end]}


def _lines(article: Article) -> Iterator[str]:
    """The lines of an `.ann` file."""
    text = article.text or ""
    order = {target.id: number for number, target in enumerate(article.targets)}
    marks = attributes = notes = events = 0
    for quote in article.quotes:
        parts = [("Content", [(span.start, span.end) for span in quote.spans])]
        parts += (
            [("Source", [(quote.speaker.mention.start, quote.speaker.mention.end)])] if quote.speaker.mention else []
        )
        parts += [("Cue", [(quote.cue.start, quote.cue.end)])] if quote.cue else []
        if not quote.spans:
            continue
        parts.append((EVENT, parts[-1][1] if quote.cue else parts[0][1]))
        names = {}
        for role, places in parts:
            marks += 1
            names[role] = f"T{marks}"
            yield _mark(names[role], role, text, places)
        events += 1
        roles = " ".join(f"{role}:{names[role]}" for role, _ in parts if role != EVENT)
        yield f"E{events}\t{EVENT}:{names[EVENT]} {roles}"
        notes += 1
        yield _note(notes, f"E{events}", _event_note(quote))
        if quote.kind is not None:
            attributes += 1
            yield f"A{attributes}\t{KIND} E{events} {quote.kind}"
        for stance in quote.stances:
            attributes += 1
            name = _attribute(stance.target, order[stance.target])
            yield f"A{attributes}\t{name} E{events}" + (f" {stance.label}" if stance.label is not None else "")
            if extra := _stance_note(stance, name):
                notes += 1
                yield _note(notes, f"A{attributes}", extra)


def _mark(name: str, role: str, text: str, places: Places) -> str:
    """A mark; brat breaks it at line ends."""
    pieces = [piece for start, end in places for piece in _per_line(text, start, end)]
    fragments = ";".join(f"{start} {end}" for start, end in pieces)
    return f"{name}\t{role} {fragments}\t{' '.join(text[start:end] for start, end in pieces)}"


def _per_line(text: str, start: int, end: int) -> Places:
    return [(start + piece.start(), start + piece.end()) for piece in re.finditer(r"[^\r\n]+", text[start:end])]


def _event_note(quote: Quote) -> dict[str, Any]:
    speaker = {**({"id": quote.speaker.id} if quote.speaker.id else {}), **quote.speaker.extra}
    return {"id": quote.id, **quote.extra, **({"speaker": speaker} if speaker else {})}


def _stance_note(stance: Stance, name: str) -> dict[str, Any]:
    dumped = stance.model_dump(exclude_unset=True, exclude={"label"})
    return {key: value for key, value in dumped.items() if not (key == "target" and name == STANCE + value)}


def _note(number: int, owner: str, content: dict[str, Any]) -> str:
    return f"#{number}\tAnnotatorNotes {owner}\t" + json_line(content, where=owner).decode("utf-8").rstrip("\n")


def _attribute(target_id: str, number: int) -> str:
    """brat's names of attributes are ASCII; a target id that is not gets a number, and stands in the note."""
    return STANCE + (target_id if SAFE_NAME.fullmatch(target_id) else f"target{number + 1}")


def _configuration(targets: Iterable[str], labels: Iterable[str]) -> str:
    values = "|".join(labels) or UNCLEAR
    stances = "".join(f"{name}\tArg:{EVENT}, Value:{values}\n" for name in targets)
    return (
        f"[entities]\nContent\nSource\nCue\n\n[relations]\n\n[events]\n{EVENT}\tContent+:Content, Source*:Source, "
        "Cue*:Cue\n\n"
        f"[attributes]\n{KIND}\tArg:{EVENT}, Value:{'|'.join(KINDS)}\n{stances}"
    )


def _file_name(article_id: str, used: set[str]) -> str:
    safe = re.sub(r"[^\w.-]", "_", article_id).lstrip(".") or "article"
    if safe in used or len(safe) > 150:
        safe = f"{safe[:150]}-{hashlib.sha256(article_id.encode()).hexdigest()[:8]}"
    used.add(safe)
    return safe


def _meta(path: Path) -> dict[str, Any]:
    companion = path.with_suffix(".meta.json")
    if not companion.exists():
        return {"format": FORMAT}
    value = next(read_json(companion, whole=True)).value
    if not isinstance(value, dict):
        raise FormatError(
            f"{companion}: should be an object {{ … }} with the article's targets and speakers. Remove it, or "
            "write it anew."
        )
    return value


def _targets_of(quotes: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Targets that only the attributes name: 'Stance_us-talks' is about 'us talks'."""
    names = dict.fromkeys(stance["target"] for quote in quotes for stance in quote.get("stances", ()))
    return [{"id": name, "name": name.replace("-", " ").replace("_", " ").strip() or name} for name in names]


def _json_note(written: str) -> dict[str, Any]:
    try:
        value = json.loads(written)
    except ValueError:
        return {}  # a person's own note in braces
    return value if isinstance(value, dict) else {}


def _without_blank_gaps(text: str, places: Places) -> Places:
    """brat breaks a mark at each line end; parts with only white space between them are one."""
    merged: Places = []
    for start, end in places:
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start] in OUTSIDE_A_SPAN:
        start += 1
    while start < end and text[end - 1] in OUTSIDE_A_SPAN:
        end -= 1
    return (start, end) if start < end else None


def _kind_by_marks(text: str, marked: Places, trimmed: Places) -> str:
    """Direct where each part stands between quotation marks, indirect where there are none, else mixed."""

    def enclosed(start: int, end: int) -> bool:
        return text[start - 1 : start] in tuple(QUOTATION_MARKS) and text[end : end + 1] in tuple(QUOTATION_MARKS)

    inside = any(mark in text[start:end] for start, end in marked for mark in QUOTATION_MARKS)
    if all(enclosed(*place) for place in trimmed) and not any(
        mark in text[start:end] for start, end in trimmed for mark in QUOTATION_MARKS
    ):
        return "direct"
    return "mixed" if inside or any(enclosed(*place) for place in trimmed) else "indirect"
