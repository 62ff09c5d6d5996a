"""Label Studio's JSON export into articles, and articles into tasks with annotations that it imports.

A quote is a region `Quote`, with relations to its `Speaker`, its `Cue` and its further parts; a stance is a choice
made on the quote's region by a control named `stance_<target id>`. The article's other fields stand in the task's
`data.article`. `labelling_config` makes the interface for a set of targets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from quotestance.data.atomic import whole_file
from quotestance.data.errors import FormatError
from quotestance.data.files import article_record, to_article
from quotestance.data.json_lines import Entry, json_line, read_json
from quotestance.data.labels import CODEBOOK, UNCLEAR, LabelSet
from quotestance.data.records import FORMAT, Article, Quote, Span, Target

STANCE = "stance_"
ROLES = {"quote": "quote", "content": "quote", "speaker": "speaker", "source": "speaker", "cue": "cue"}
MARKS, TEXT = "marks", "text"


def read_label_studio(path: str | Path) -> Iterator[Article]:
    """The articles of an export (a list of tasks). Annotations of several people on one task are put together.

    Offsets are code points, or UTF-16 units as older versions wrote them: which, the region's own text tells.
    Raises FormatError with file, task and region where neither fits.
    """
    entry = next(read_json(path, whole=True))
    tasks = entry.value if isinstance(entry.value, list) else [entry.value]
    for number, task in enumerate(tasks, 1):
        where = f"{path}, task {number}"
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get(TEXT), str):
            raise FormatError(
                f"{where}: has no data.text. Export as JSON (not JSON-MIN) from a project whose text is called 'text'."
            )
        meta = data["article"] if isinstance(data.get("article"), dict) else {}
        try:
            names = _names_of_labels(meta.get("labels"))
            quotes = _merged([_quotes(one, data[TEXT], where, names) for one in task.get("annotations") or ()])
        except (AttributeError, KeyError, TypeError) as problem:
            raise FormatError(
                f"{where}: its annotations are not as Label Studio exports them ({problem}). Export again as JSON."
            ) from None
        record = {
            "format": FORMAT,
            "id": str(task.get("id", number)),
            **meta,
            "text": data[TEXT],
            "targets": meta.get("targets") or _targets_of(quotes),
            "quotes": quotes,
        }
        yield to_article(Entry(where, None, record, b""))


def write_label_studio(articles: Iterable[Article], path: str | Path) -> int:
    """Write articles as a list of tasks for import, one after the other, and return their number."""
    count = 0
    with whole_file(path) as stream:
        stream.write(b"[")
        for count, article in enumerate(articles, 1):
            if article.text is None:
                raise FormatError(
                    f"article '{article.id}': has no text, which Label Studio needs. Join it to its corpus first "
                    "(--corpora DIR)."
                )
            stream.write(b"\n" if count == 1 else b",\n")
            stream.write(json_line(_task(article, count), where=f"article '{article.id}'").rstrip(b"\n"))
        stream.write(b"\n]\n")
    return count


def labelling_config(targets: Iterable[Target], labels: LabelSet = CODEBOOK) -> str:
    """The labelling interface (XML) for these targets, to be pasted into a project's settings."""
    choices = "".join(f"<Choice value={quoteattr(label)}/>" for label in [*labels, UNCLEAR])
    controls = "".join(
        f"  <Header value={quoteattr(target.name)}/>\n"
        f'  <Choices name={quoteattr(STANCE + target.id)} toName="text" perRegion="true" '
        f'whenTagName="marks" whenLabelValue="Quote">{choices}</Choices>\n'
        for target in targets
    )
    return (
        '<View>\n  <Labels name="marks" toName="text">'
        '<Label value="Quote"/><Label value="Speaker"/><Label value="Cue"/></Labels>\n'
        '  <Relations><Relation value="speaker"/><Relation value="cue"/><Relation value="continues"/></Relations>\n'
        f'  <Text name="text" value="$text"/>\n{controls}</View>\n'
    )


def _task(article: Article, number: int) -> dict[str, Any]:
    record = article_record(article)
    results = list(chain.from_iterable(_results(quote) for quote in article.quotes))
    return {
        "id": number,
        "data": {
            TEXT: article.text,
            "article": {key: value for key, value in record.items() if key not in (TEXT, "quotes")},
        },
        "annotations": [{"result": results}],
    }


def _results(quote: Quote) -> Iterator[dict[str, Any]]:
    """A quote's regions, relations and choices. A quote without spans has no region and is left out."""
    regions = [(f"{quote.id}/span{number}", "Quote", span) for number, span in enumerate(quote.spans, 1)]
    if not regions:
        return
    head = regions[0][0]
    regions += [(f"{quote.id}/speaker", "Speaker", quote.speaker.mention)] if quote.speaker.mention else []
    regions += [(f"{quote.id}/cue", "Cue", quote.cue)] if quote.cue else []
    kept = quote.model_dump(exclude_unset=True, exclude={"spans", "cue", "stances", "speaker"})
    speaker = quote.speaker.model_dump(exclude_unset=True, exclude={"mention"})
    for name, label, span in regions:
        result = _result(name, MARKS, "labels", span, {"labels": [label]})
        yield (
            {**result, "meta": {"quote": {**kept, **({"speaker": speaker} if speaker else {})}}}
            if name == head
            else result
        )
    for name, label, _ in regions[1:]:
        yield {
            "type": "relation",
            "from_id": head,
            "to_id": name,
            "direction": "right",
            "labels": ["continues" if label == "Quote" else label.lower()],
        }
    for stance in quote.stances:
        if stance.label is not None:
            choice = _result(head, STANCE + stance.target, "choices", quote.spans[0], {"choices": [stance.label]})
            more = stance.model_dump(exclude_unset=True, exclude={"target", "label"})
            yield {**choice, "meta": {"stance": more}} if more else choice


def _result(name: str, control: str, kind: str, span: Span, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "from_name": control,
        "to_name": TEXT,
        "type": kind,
        "value": {"start": span.start, "end": span.end, "text": span.text, **value},
    }


def _names_of_labels(declared: Any) -> dict[str, str]:
    """What a choice may be called -> its label: as it is declared, or in lower case (an interface may write `Favor` for `favor`)."""
    labels = [str(one) for one in (*(declared if isinstance(declared, list) and declared else CODEBOOK), UNCLEAR)]
    return {**{label.lower(): label for label in labels}, **{label: label for label in labels}}


def _quotes(annotation: dict[str, Any], text: str, where: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """The quotes of one person's annotation."""
    results = [one for one in annotation.get("result") or () if isinstance(one, dict)]
    regions = {
        one["id"]: (_role(one), _span(one, text, where), one)
        for one in results
        if one.get("type") == "labels" and _role(one)
    }
    links: dict[str, list[str]] = {}
    for one in results:
        if one.get("type") == "relation" and one.get("from_id") in regions and one.get("to_id") in regions:
            start, end = one["from_id"], one["to_id"]
            if regions[start][0] != "quote":
                start, end = end, start  # drawn the other way round
            links.setdefault(start, []).append(end)
    parts = {end for ends in links.values() for end in ends}
    made = {}
    for name, (role, span, result) in regions.items():
        if role != "quote" or name in parts:
            continue
        kept = dict((result.get("meta") or {}).get("quote") or {}) if isinstance(result.get("meta"), dict) else {}
        speaker = dict(kept.pop("speaker", None) or {})
        quote: dict[str, Any] = {"id": name, **kept, "spans": [span]}
        for other in links.get(name, ()):
            other_role, other_span, _ = regions[other]
            if other_role == "quote":
                quote["spans"].append(other_span)
            elif other_role == "speaker":
                speaker["mention"] = other_span
            else:
                quote["cue"] = other_span
        if speaker:
            quote["speaker"] = speaker
        made[name] = quote
    for one in results:
        if one.get("type") == "choices" and str(one.get("from_name")).startswith(STANCE) and one.get("id") in made:
            made[one["id"]].setdefault("stances", []).extend(_stances(one, annotation, names))
    return list(made.values())


def _stances(result: dict[str, Any], annotation: dict[str, Any], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    meta = result.get("meta") if isinstance(result.get("meta"), dict) else {}
    more = dict((meta or {}).get("stance") or {})
    person = annotation.get("completed_by")
    if "annotator" not in more and person is not None:
        more["annotator"] = str(person.get("email") or person.get("id")) if isinstance(person, dict) else str(person)
    for choice in result["value"].get("choices", ()):
        said = str(choice)
        label = names.get(said) or names.get(said.lower(), said.lower())
        yield {"target": str(result["from_name"]).removeprefix(STANCE), "label": label, **more}


def _span(result: dict[str, Any], text: str, where: str) -> dict[str, Any]:
    value = result.get("value") or {}
    start, end, said = value.get("start"), value.get("end"), value.get("text")
    if not isinstance(start, int) or not isinstance(end, int):
        raise FormatError(
            f"{where}, region {result.get('id')}: has no start and end. Only regions of plain text can be read."
        )
    for first, last in ((start, end), (_code_point(text, start), _code_point(text, end))):
        if said is None or _same(text[first:last], str(said)):
            return {"start": first, "end": last, "text": text[first:last]}
    raise FormatError(
        f"{where}, region {result.get('id')}: the region says {str(said)[:80]!r}, but characters {start}..{end} "
        f"hold {text[start:end][:80]!r}. "
        "Export the tasks again together with the text that was annotated."
    )


def _code_point(text: str, unit: int) -> int:
    """The code point at which a UTF-16 unit stands: characters beyond U+FFFF take two units."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * unit].decode("utf-16-le", "ignore"))


def _same(held: str, said: str) -> bool:
    """Label Studio writes line ends in a region's text as a backslash and n."""
    return said in (held, held.replace("\n", "\\n"), held.replace("\r", "").replace("\n", "\\n"))


def _role(result: dict[str, Any]) -> str | None:
    labels = (result.get("value") or {}).get("labels") or [""]
    return ROLES.get(str(labels[0]).lower())


def _merged(annotations: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Spans that several people marked are one quote with the stances of all."""
    made: list[dict[str, Any]] = []
    for quotes in annotations:
        before = {json.dumps(quote["spans"]): quote for quote in made}
        for quote in quotes:
            same = before.get(json.dumps(quote["spans"]))
            if same is None:
                made.append(quote)
            elif quote.get("stances"):
                same.setdefault("stances", []).extend(quote["stances"])
    return made


def _targets_of(quotes: list[dict[str, Any]]) -> list[dict[str, str]]:
    names = dict.fromkeys(stance["target"] for quote in quotes for stance in quote.get("stances", ()))
    return [{"id": name, "name": name.replace("-", " ").replace("_", " ").strip() or name} for name in names]
