"""All that is wrong with one record, in words: every problem, not only the first.

`Article` refuses a record; this says why. It looks at the JSON value, so that a wrong type in one place hides nothing
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from pydantic import ValidationError

from quotestance.data.errors import FormatError
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.records import REPAIR_HINT, Article

Path = tuple[str | int, ...]

# pydantic's error type -> what should stand there
EXPECTED = {
    "string_type": "should be text in quotation marks",
    "int_type": "should be a whole number without a point",
    "float_type": "should be a number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list [ … ]",
    "list_type": "should be a list [ … ]",
    "dict_type": "should be an object { … }",
    "model_type": "should be an object { … }",
    "model_attributes_type": "should be an object { … }",
    "string_too_short": "may not be empty",
    "string_pattern_mismatch": "may not be white space alone",
    "greater_than_equal": "should be 0 or more",
}
KINDS_OF_VALUE = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a point",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
# key of a list -> how one of its entries is called
ENTRIES = {
    "quotes": "quote",
    "targets": "target",
    "speakers": "speaker",
    "spans": "span",
    "stances": "stance",
    "aliases": "alias",
    "labels": "label",
}
LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a record. `said` and `held` are a span's text and what stands at its place."""

    message: str
    path: Path = ()
    quote: str | None = None
    said: str | None = None
    held: str | None = None
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


def find_problems(value: Any) -> list[Problem]:
    """Everything that keeps a JSON value from being an article: types, spans, ids, labels. Empty: it is one."""
    try:
        Article.model_validate(value)
    except ValidationError as error:
        if not isinstance(value, dict):
            return [
                Problem(
                    f"should be an object {{ … }} with an article, but is {_kind_of(value)}.",
                    remedy="A .json file holds one article, a .jsonl file one a line.",
                )
            ]
        found = [*_type_problems(error, value), *span_problems(value), *_id_problems(value), *_label_problems(value)]
        return found or [Problem(one["msg"]) for one in error.errors()]
    return []


def article_name(value: Any) -> str | None:
    """The id of a record that may be malformed."""
    name = value.get("id") if isinstance(value, dict) else None
    return name if isinstance(name, str) and name else None


def record_error(place: str, value: Any, problems: list[Problem]) -> FormatError:
    """The problems of one record as one error that opens with its place."""
    name = article_name(value)
    where = f"{place}, article '{name}'" if name else f"{place}, an article without an id"
    if len(problems) == 1:
        return FormatError(f"{where}, {problems[0]}" if problems[0].quote else f"{where}: {problems[0]}")
    return FormatError(f"{where}: {len(problems)} problems\n" + "\n".join(f"  - {problem}" for problem in problems))


def span_problems(value: dict[str, Any]) -> Iterator[Problem]:
    """The spans of a record that don't hold their words, or hold none."""
    text = value.get("text")
    if text is None and value.get("text_ref") is None and "text" in value:
        yield Problem(
            "there is no text and no text_ref that says where it is.",
            ("text",),
            remedy="Give 'text', or 'text_ref' with the corpus and the article.",
        )
    for path, quote, span in raw_spans(value):
        start, end, said = span.get("start"), span.get("end"), span.get("text")
        if not (is_offset(start) and is_offset(end) and isinstance(said, str)):
            continue  # the type problems say so
        where = place_in(value, path)
        if end <= start:
            yield Problem(
                f"{where}: the span runs from {start} to {end} and holds no character.",
                path,
                quote,
                said,
                remedy=REPAIR_HINT if said else "Spans are half-open: 'end' is one past the last character.",
            )
        elif isinstance(text, str) and ((held := text[start:end]) != said or end > len(text)):
            beyond = f" (the text has {len(text)} characters)" if end > len(text) else ""
            yield Problem(
                f"{where}: the span says {shown(said)}, but characters {start}..{end} hold {shown(held)}{beyond}.",
                path,
                quote,
                said,
                held,
                REPAIR_HINT,
            )


def raw_spans(value: dict[str, Any]) -> Iterator[tuple[Path, str | None, dict[str, Any]]]:
    """Every span of a JSON record that is an object: its path, its quote's id and the object itself."""
    for number, quote in enumerate(_dicts(value.get("quotes"))):
        if quote is None:
            continue
        name = quote["id"] if isinstance(quote.get("id"), str) else None
        for place, span in enumerate(_dicts(quote.get("spans"))):
            if span is not None:
                yield ("quotes", number, "spans", place), name, span
        speaker = quote.get("speaker")
        if isinstance(speaker, dict) and isinstance(speaker.get("mention"), dict):
            yield ("quotes", number, "speaker", "mention"), name, speaker["mention"]
        if isinstance(quote.get("cue"), dict):
            yield ("quotes", number, "cue"), name, quote["cue"]


def is_offset(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def place_in(value: Any, path: Path) -> str:
    """A path in words: ('quotes', 0, 'spans', 1, 'start') is "quote q1, span 2, 'start'"."""
    words, here = [], value
    for number, step in enumerate(path):
        inner = _step(here, step)
        if isinstance(step, int):
            name = inner.get("id") if isinstance(inner, dict) else None
            kind = ENTRIES.get(str(path[number - 1]), "entry") if number else "entry"
            target = inner.get("target") if kind == "stance" and isinstance(inner, dict) else None
            label = (
                name
                if isinstance(name, str) and name
                else f"{step + 1} (target {target})"
                if isinstance(target, str)
                else str(step + 1)
            )
            words.append(f"{kind} {label}")
        elif not (step in ENTRIES and number + 1 < len(path) and isinstance(path[number + 1], int)):
            words.append(step if step in ("cue", "mention", "speaker") else f"'{step}'")
        here = inner
    return ", ".join(words).replace("speaker, mention", "speaker mention")


def shown(text: str) -> str:
    """The text in quotation marks, with control and direction marks visible; the middle of a long one is left out."""
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN // 2] + " … " + text[-LONGEST_SHOWN // 2 :]
    return repr(text)


def _type_problems(error: ValidationError, value: dict[str, Any]) -> Iterator[Problem]:
    for one in error.errors():
        path, kind = one["loc"], one["type"]
        if kind == "value_error":
            continue  # consistency, which the checks on the JSON value tell in full
        quote = _quote_of(value, path)
        if kind == "missing":
            where = place_in(value, path[:-1])
            yield Problem(
                f"{where + ': ' if where else ''}'{path[-1]}' is missing.", path, quote, remedy=f"Add '{path[-1]}'."
            )
            continue
        given = one["input"]
        if kind == "literal_error":
            choices = one["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
            said = f"is {_given(given)}, but should be one of: {choices}."
        else:
            wanted = EXPECTED.get(kind, one["msg"])
            said = f"{wanted}, but is {_given(given)}." if wanted.startswith("should") else f"{wanted}."
        remedy = "This version reads quotestance/1." if path == ("format",) else ""
        yield Problem(f"{place_in(value, path)}: {said}", path, quote, remedy=remedy)


def _id_problems(value: dict[str, Any]) -> Iterator[Problem]:
    declared = {key: _ids(value.get(key)) for key in ("targets", "speakers", "quotes")}
    for key, ids in declared.items():
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            yield Problem(
                f"{ENTRIES[key]} id '{twice}' is used twice.",
                (key,),
                twice if key == "quotes" else None,
                remedy="Give each its own.",
            )
    for number, quote in enumerate(_dicts(value.get("quotes"))):
        if quote is None:
            continue
        name = str(quote.get("id"))
        speaker = quote.get("speaker")
        used = speaker.get("id") if isinstance(speaker, dict) else None
        if isinstance(used, str) and used not in declared["speakers"]:
            yield _undeclared("speaker", used, declared["speakers"], ("quotes", number, "speaker", "id"), name)
        for place, stance in enumerate(_dicts(quote.get("stances"))):
            used = stance.get("target") if stance is not None else None
            if isinstance(used, str) and used not in declared["targets"]:
                yield _undeclared(
                    "target", used, declared["targets"], ("quotes", number, "stances", place, "target"), name
                )


def _undeclared(kind: str, used: str, declared: list[str], path: Path, quote: str) -> Problem:
    there = ", ".join(sorted(set(declared))) if declared else "it declares none"
    return Problem(
        f"quote {quote}: {kind} '{used}' is not among the article's {kind}s ({there}).",
        path,
        quote,
        remedy=f"Declare it in '{kind}s', or name one that is there.",
    )


def _label_problems(value: dict[str, Any]) -> Iterator[Problem]:
    given, known = value.get("labels"), CODEBOOK
    if isinstance(given, list) and given and all(isinstance(label, str) for label in given):
        try:
            known = LabelSet(tuple(given))
        except ValueError as problem:
            yield Problem(f"'labels': {problem}", ("labels",))
            return
    for number, quote in enumerate(_dicts(value.get("quotes"))):
        for place, stance in enumerate(_dicts(quote.get("stances") if quote is not None else None)):
            label = stance.get("label") if stance is not None else None
            if quote is not None and stance is not None and isinstance(label, str):
                try:
                    known.check(label, where=f"quote {quote.get('id')}, target {stance.get('target')}")
                except ValueError as problem:
                    yield Problem(
                        str(problem),
                        ("quotes", number, "stances", place, "label"),
                        str(quote.get("id")),
                        remedy="Write one of these, 'unclear', or null for a question.",
                    )


def _dicts(value: Any) -> list[dict[str, Any] | None]:
    """The entries of a list, None for those that are no objects, so that their numbers stay."""
    return [one if isinstance(one, dict) else None for one in value] if isinstance(value, list) else []


def _ids(value: Any) -> list[str]:
    return [one["id"] for one in _dicts(value) if one is not None and isinstance(one.get("id"), str)]


def _step(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _quote_of(value: Any, path: Path) -> str | None:
    quote = _step(_step(value, "quotes"), path[1]) if len(path) > 1 and path[0] == "quotes" else None
    name = quote.get("id") if isinstance(quote, dict) else None
    return name if isinstance(name, str) else None


def _given(value: Any) -> str:
    return (
        shown(value)
        if isinstance(value, str)
        else f"{value} ({_kind_of(value)})"
        if isinstance(value, int | float)
        else _kind_of(value)
    )


def _kind_of(value: Any) -> str:
    return KINDS_OF_VALUE.get(type(value), type(value).__name__)
