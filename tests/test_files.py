"""Article files: what is read is what was written, in every script, and what is wrong is named in full."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance.data.errors import FormatError
from quotestance.data.files import article_record, read_articles, write_articles
from quotestance.data.records import VISIBLE, Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target

ENGLISH = 'The mayor warned: "We will not pay." He left.'
TEXTS = {
    "persian": "رهبر گفت: «ما مذاکره نمی\u200cکنیم» و رفت.",
    "arabic with direction marks": "قال الوزير: \u200f«لن نتفاوض»\u200e أبدًا \u202bبعد اليوم\u202c.",
    "emoji, astral and combining": "👩🏽‍🚀 said 𝒳 cafe\u0301 «no» 🇮🇷 then ‘yes’",
    "carriage returns": "First line\r\n“Second”\r\nthird\rfourth\n",
    "separators": "one\u2028two\u2029three\x85four\x0bfive\x00six\ttab",
    "nested quotes": "“He said ‘they told me “no”’,” she said; \"'x'\"",
    "decomposed and composed": "e\u0301 é ﬁ Å Å",
    "a BOM inside": "a \ufeffquote\ufeff here",
}


def record(text: str = ENGLISH, start: int = 19, end: int = 35, **changes: Any) -> dict[str, Any]:
    """A small article; spans are cut from the text."""
    return {
        "format": "quotestance/1",
        "id": "a1",
        "text": text,
        "targets": [{"id": "debt", "name": "paying the debt", "kind": "policy"}],
        "speakers": [{"id": "mayor", "name": "Ann Mayor"}],
        "quotes": [
            {
                "id": "q1",
                "kind": "direct",
                "spans": [{"start": start, "end": end, "text": text[start:end]}],
                "speaker": {"id": "mayor", "mention": {"start": 0, "end": 3, "text": text[0:3]}},
                "stances": [{"target": "debt", "label": "against", "annotator": "a1"}],
            }
        ],
        **changes,
    }


def written(path: Path, *records: Any) -> Path:
    path.write_bytes(b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FormatError) as refused:
        list(read_articles(path))
    return str(refused.value)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.jsonl.gz", "a.json.gz", "a.jsonl.zst", "a.json.zst"])
def test_text_of_any_script_comes_back_to_the_character(tmp_path: Path, text: str, name: str) -> None:
    article = Article.model_validate(record(text, 4, 9))
    write_articles([article], tmp_path / name)
    (back,) = read_articles(tmp_path / name)
    assert back == article
    assert back.text == text
    assert back.quotes[0].spans[0].text == text[4:9]


def test_a_file_that_was_written_is_written_again_to_the_byte(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_articles([Article.model_validate(record(text, 1, 3, id=name)) for name, text in TEXTS.items()], first)
    write_articles(read_articles(first), second)
    assert second.read_bytes() == first.read_bytes()
    assert b"\r\n" not in first.read_bytes()


def test_format_stands_first_and_unset_fields_are_not_written(tmp_path: Path) -> None:
    write_articles([Article(id="x", text="t", title=None, quotes=(Quote(id="q1"),))], tmp_path / "a.jsonl")
    line = (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    assert line == '{"format": "quotestance/1", "id": "x", "text": "t", "title": null, "quotes": [{"id": "q1"}]}\n'


def test_unknown_keys_are_written_back_in_the_object_where_they_stood(tmp_path: Path) -> None:
    given_record = record(desk={"name": "foreign", "n": [1, None, 2.5]})
    given_record["quotes"][0]["sure"] = 3
    given_record["quotes"][0]["spans"][0]["note"] = "x"
    given_record["quotes"][0]["speaker"]["mention"]["gender"] = None
    given_record["quotes"][0]["stances"][0]["minutes"] = 1.5
    given_record["targets"][0]["wikidata"] = "Q1"
    (article,) = read_articles(written(tmp_path / "a.jsonl", given_record))
    assert article.extra == {"desk": {"name": "foreign", "n": [1, None, 2.5]}}
    assert article_record(article) == json.loads(json.dumps(given_record), object_hook=_tuples)


def _tuples(value: dict[str, Any]) -> dict[str, Any]:
    """Lists of records are tuples in an article; lists in unknown keys stay lists."""
    return {
        key: tuple(one) if key in ("targets", "speakers", "quotes", "spans", "stances") else one
        for key, one in value.items()
    }


def test_a_moved_span_is_refused_with_place_both_strings_and_remedy(tmp_path: Path) -> None:
    bad = record()
    bad["quotes"][0]["spans"][0]["start"] = 20
    message = refusal(written(tmp_path / "a.jsonl", record(id="good"), bad))
    assert message == (
        f"{tmp_path / 'a.jsonl'}, line 2, article 'a1', quote q1, span 1: the span says 'We will not pay.', "
        "but characters 20..35 hold 'e will not pay.'. Run 'quotestance validate --repair'."
    )


def test_every_problem_of_a_record_is_named_and_none_in_the_words_of_a_library(tmp_path: Path) -> None:
    bad = record(published=2019)
    bad["targets"].append({"id": "debt", "name": ""})
    bad["quotes"][0]["kind"] = "spoken"
    bad["quotes"][0]["spans"][0]["end"] = 34
    bad["quotes"][0]["speaker"]["id"] = "nobody"
    bad["quotes"][0]["stances"] = [{"target": "tax", "label": "pro"}, {"label": "favor"}, 7]
    bad["quotes"].append({"spans": [{"start": 1.0, "end": True}]})
    message = refusal(written(tmp_path / "a.jsonl", bad))
    for words in (
        "'published': should be text",
        "2019",
        "target debt, 'name': may not be empty",
        "quote q1, 'kind': is 'spoken'",
        "direct, indirect, mixed",
        "quote q1, span 1: the span says 'We will not pay.', but characters 19..34 hold 'We will not pay'",
        "speaker 'nobody' is not among the article's speakers (mayor)",
        "target 'tax' is not among the article's targets (debt)",
        "Unknown label 'pro'. The codebook has: favor, against, neutral.",
        "target id 'debt' is used twice",
        "quote q1, stance 2: 'target' is missing",
        "quote q1, stance 3: should be an object",
        "quote 2: 'id' is missing",
        "quote 2, span 1, 'start': should be a whole number",
        "quote 2, span 1, 'end': should be a whole number",
        "quote 2, span 1: 'text' is missing",
    ):
        assert words in message, message
    assert "Input should" not in message
    assert "pydantic" not in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", None),
        (b"\n \n\r\n", None),
        (b"[]\n", "should be an object"),
        (b"7\n", "should be an object"),
        (b'{"id": "a", "text": "t"', "line 1: is not JSON"),
        (b'{"id": "a", "id": "b", "text": "t"}\n', "the key 'id' stands twice"),
        (b'{"id": "a", "text": "t", "n": NaN}\n', "NaN is not a JSON number"),
        (b'{"id": "a", "text": "t", "n": 1e999}\n', "1e999 is too large"),
        (b'{"id": "a", "text": "t\\ud83d"}\n', "\\ud83d is half of a surrogate pair"),
        (b'{"id": "a", "text": "' + "é".encode("latin-1") + b'"}\n', "byte 22 (0xe9) is not UTF-8"),
        ('{"id": "a", "text": "t"}\n'.encode("utf-16"), "UTF-16. Save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x80" * 50, "is not UTF-8"),
        (b"\x1f\x8b\x08rubbish", "compressed data is broken"),
        (gzip.compress(b'{"id": "a", "text": "t"}\n', mtime=0)[:-10], "compressed data is broken"),
        (b"\x28\xb5\x2f\xfdrubbish", "compressed data is broken"),
        (b'{"a":' * 5000, "nested more than 100 levels"),
        (b'{"id": "a", "text": "t", "n": ' + b"[" * 150 + b"]" * 150 + b"}", "nested more than 100 levels"),
        (b'{"format": "quotestance/2", "id": "a", "text": "t"}\n', "This version reads quotestance/1"),
        (b'{"id": "a", "text": null}\n', "there is no text and no text_ref"),
        (b'{"id": "a"}\n', "'text' is missing"),
        (b'{"id": "a", "text": "t", "labels": ["yes"]}\n', "needs two or more different labels"),
    ],
)
def test_what_is_no_article_file_is_refused_in_plain_words(tmp_path: Path, content: bytes, words: str | None) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    if words is None:
        assert list(read_articles(path)) == []
    else:
        message = refusal(path)
        assert message.startswith(str(path))
        assert words in message, message


def test_an_empty_json_file_is_refused_since_it_should_hold_one_article(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"")
    assert "the file is empty" in refusal(tmp_path / "a.json")


def test_a_bom_before_the_first_record_is_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", record())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (article,) = read_articles(path)
    assert article.text == ENGLISH


def test_lines_that_end_in_cr_lf_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", record(id="a"), record(id="b"))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert [article.id for article in read_articles(path)] == ["a", "b"]


def test_an_id_that_stands_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    message = refusal(written(tmp_path / "a.jsonl", record(id="b"), record(), record()))
    assert "line 3, article 'a1'" in message
    assert "line 2" in message


def test_rejects_are_handed_over_and_the_other_records_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", record(id="good"), {"id": "bad"}, record(id="good"), record(id="last"))
    path.write_bytes(b"rubbish\n" + path.read_bytes())
    rejected: list[FormatError] = []
    assert [article.id for article in read_articles(path, rejects=rejected.append)] == ["good", "last"]
    assert [str(problem).split(": ")[0].split(", ")[1] for problem in rejected] == ["line 1", "line 3", "line 4"]


def test_a_folder_is_read_whole_in_the_order_of_names_and_ids_count_across_its_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.jsonl.gz").write_bytes(gzip.compress(json.dumps(record(id="c")).encode()))
    written(tmp_path / "b.jsonl", record(id="b1"), record(id="b2"))
    written(tmp_path / "a.json", record(id="a"))
    written(tmp_path / ".hidden.jsonl", record(id="h"))
    (tmp_path / "notes.txt").write_text("not an article")
    assert [article.id for article in read_articles(tmp_path)] == ["a", "b1", "b2", "c"]
    written(tmp_path / "z.jsonl", record(id="b1"))
    assert "b.jsonl, line 1" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.jsonl", "no such file"), (".", "no article file in this folder"), ("a.docx", "ending '.docx'")],
)
def test_a_path_without_articles_is_refused_with_what_would_be_one(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    assert words in refusal(tmp_path / name)


@pytest.mark.parametrize("indent", [None, 2])
def test_standard_input_may_be_lines_or_one_indented_article(
    monkeypatch: pytest.MonkeyPatch, indent: int | None
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(record(), indent=indent).encode())))
    assert [article.id for article in read_articles("-")] == ["a1"]


def test_a_dash_writes_to_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_articles([Article(id="x", text="é")], "-")
    assert capsysbinary.readouterr().out == '{"format": "quotestance/1", "id": "x", "text": "é"}\n'.encode()


def test_a_write_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", record())
    before = path.read_bytes()
    with pytest.raises(FormatError, match="would stand twice"):
        write_articles([Article(id="x", text="t"), Article(id="x", text="t")], path)
    with pytest.raises(FormatError, match="surrogate"):
        write_articles([Article.model_construct(_fields_set={"id", "text"}, id="x", text="\ud83d", quotes=())], path)
    for value in (float("nan"), float("inf"), {1, 2}, tmp_path):
        with pytest.raises(FormatError, match="article 'x': can't be written as JSON"):
            write_articles([Article(id="x", text="t", extra_key=value)], path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.jsonl"]


def test_a_file_that_is_replaced_keeps_its_mode_and_the_link_that_led_to_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", record())
    path.chmod(0o640)
    (tmp_path / "link.jsonl").symlink_to(path)
    write_articles([Article(id="x", text="t")], tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert [article.id for article in read_articles(path)] == ["x"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_place_that_cannot_be_written_is_a_format_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.jsonl").mkdir()
    for path in (tmp_path / "file" / "a.jsonl", tmp_path / "folder.jsonl"):
        with pytest.raises(FormatError, match=r"can't be written|is a folder"):
            write_articles([Article(id="x", text="t")], path)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.jsonl"]


def test_a_file_may_be_rewritten_from_itself(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(record(id=str(number)) for number in range(50)))
    write_articles((article.replace(title="new") for article in read_articles(path)), path)
    assert [article.title for article in read_articles(path)] == ["new"] * 50


@pytest.mark.parametrize("number", [0, 2])
def test_a_json_file_takes_exactly_one_article(tmp_path: Path, number: int) -> None:
    with pytest.raises(FormatError, match="holds one article"):
        write_articles([Article(id=str(one), text="t") for one in range(number)], tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_a_line_of_a_million_characters_is_read_with_its_last_span(tmp_path: Path) -> None:
    text = "ا😀" * 500_000 + "«نه»"
    article = Article(id="long", text=text, quotes=(Quote(id="q1", spans=(Span.of(text, 1_000_001, 1_000_003),)),))
    write_articles([article], tmp_path / "a.jsonl")
    (back,) = read_articles(tmp_path / "a.jsonl")
    assert back.quotes[0].spans[0].text == "نه"
    assert back == article


@pytest.mark.slow
def test_fifty_megabytes_are_read_one_record_at_a_time(tmp_path: Path) -> None:
    import tracemalloc

    path, text = tmp_path / "big.jsonl", "She said “no” again. " * 500
    write_articles(
        (
            Article(id=str(number), text=text, quotes=(Quote(id="q", spans=(Span.of(text, 10, 12),)),))
            for number in range(5_000)
        ),
        path,
    )
    assert path.stat().st_size > 50_000_000
    tracemalloc.start()
    count = sum(1 for _ in read_articles(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 5_000
    assert peak < 10_000_000


characters = st.characters(codec="utf-8")
words = st.text(characters, min_size=1, max_size=12)
names = words.filter(lambda word: re.search(VISIBLE, word))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(st.text(characters, min_size=2, max_size=60))

    def span() -> Span:
        start = draw(st.integers(0, len(text) - 1))
        return Span.of(text, start, draw(st.integers(start + 1, len(text))))

    target_ids = draw(st.lists(words, unique=True, max_size=3))
    speaker_ids = draw(st.lists(words, unique=True, max_size=2))
    quotes = []
    for name in draw(st.lists(words, unique=True, max_size=3)):
        stances = [
            Stance(
                target=target,
                label=draw(st.sampled_from(["favor", "against", "neutral", "unclear", None])),
                probabilities=draw(st.none() | st.just({"favor": 0.1, "against": 1 / 3})),
            )
            for target in target_ids
        ]
        speaker = QuoteSpeaker(
            id=draw(st.sampled_from([None, *speaker_ids])), mention=draw(st.sampled_from([None, span()]))
        )
        quotes.append(
            Quote(
                id=name,
                spans=tuple(span() for _ in range(draw(st.integers(0, 2)))),
                speaker=speaker,
                cue=draw(st.sampled_from([None, span()])),
                stances=tuple(stances),
            )
        )
    extra = {f"x-{key}": value for key, value in draw(st.dictionaries(words, values, max_size=2)).items()}
    return Article(
        id=draw(words),
        text=text,
        targets=tuple(Target(id=one, name=draw(names)) for one in target_ids),
        speakers=tuple(Speaker(id=one, name=draw(names)) for one in speaker_ids),
        quotes=tuple(quotes),
        **extra,
    )


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(article=articles(), name=st.sampled_from(["a.json", "a.jsonl", "a.jsonl.gz"]))
def test_any_article_comes_back_from_its_file_as_it_was(tmp_path: Path, article: Article, name: str) -> None:
    write_articles([article], tmp_path / name)
    (back,) = read_articles(tmp_path / name)
    assert back == article
    assert back.extra == article.extra
    assert json.dumps(article_record(back)) == json.dumps(article_record(article))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_no_bytes_break_the_reader_other_than_by_a_format_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    rejected: list[FormatError] = []
    assert list(read_articles(tmp_path / "a.jsonl", rejects=rejected.append)) == []
    assert all(str(problem).startswith(str(tmp_path / "a.jsonl")) for problem in rejected)
