"""Conversions: what they keep comes back exactly; what they lose is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from quotestance.commands.convert import convert as command
from quotestance.data.brat import read_brat, write_brat
from quotestance.data.convert import articles_to_pairs, convert, format_of, losses, pairs_to_articles
from quotestance.data.errors import FormatError
from quotestance.data.files import read_articles, write_articles
from quotestance.data.label_studio import labelling_config, read_label_studio, write_label_studio
from quotestance.data.labels import LabelSet
from quotestance.data.pair_tables import read_pairs, write_pairs
from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target

TEXT = "😀 “We won’t pay,\nnever,” the mayor\u200f said,\r\n“and that is «final».” مردم گفتند نه\u200cخیر."


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span.of(TEXT, start, start + len(words))


ARTICLE = Article(
    id="desk/a 1",
    text=TEXT,
    title="T",
    language="en",
    desk="x",
    targets=(
        Target(id="debt", name="paying the debt", kind="policy", aliases=("the bill",)),
        Target(id="بدهی", name="بدهی"),
    ),
    speakers=(Speaker(id="mayor", name="Ann Mayor", aliases=("the mayor",)),),
    quotes=(
        Quote(
            id="q1",
            kind="direct",
            spans=(span("We won’t pay,\nnever,"), span("and that is «final».")),
            cue=span("said"),
            speaker=QuoteSpeaker(id="mayor", mention=span("the mayor")),
            stances=(
                Stance(target="debt", label="against", annotator="a1"),
                Stance(target="debt", label="neutral", annotator="a2", sure=2),
                Stance(
                    target="بدهی",
                    label="favor",
                    annotator="model:m@1",
                    probabilities={"favor": 0.75, "against": 0.2, "neutral": 0.05},
                ),
            ),
        ),
        Quote(
            id="q2", kind="indirect", spans=(span("نه\u200cخیر"),), speaker=QuoteSpeaker(mention=span("مردم")), note="n"
        ),
    ),
)


@pytest.mark.parametrize("form", ["brat", "labelstudio", "articles"])
def test_an_article_comes_back_as_it_was(tmp_path: Path, form: str) -> None:
    write_articles([ARTICLE], tmp_path / "a.jsonl")
    there, back = tmp_path / ("there.json" if form != "brat" else "there"), tmp_path / "back.jsonl"
    done = convert(tmp_path / "a.jsonl", there, target_format=form)
    assert (done.records, done.source_format, done.target_format) == (1, "articles", form)
    assert convert(there, back).source_format == form
    assert list(read_articles(back)) == [ARTICLE]
    assert back.read_bytes() == (tmp_path / "a.jsonl").read_bytes()


def test_a_question_comes_back_from_brat_and_is_named_as_lost_to_label_studio(tmp_path: Path) -> None:
    asked = ARTICLE.replace(
        quotes=(Quote(id="q", spans=(span("never"),), stances=(Stance(target="debt", label=None),)),)
    )
    write_brat([asked], tmp_path / "b")
    assert list(read_brat(tmp_path / "b")) == [asked]
    assert any("questions" in loss for loss in losses("articles", "labelstudio"))


def test_brat_files_are_what_brat_shows(tmp_path: Path) -> None:
    write_brat([ARTICLE], tmp_path)
    (text_file,) = tmp_path.glob("*.txt")
    assert text_file.read_bytes() == TEXT.encode("utf-8")
    lines = text_file.with_suffix(".ann").read_text(encoding="utf-8").splitlines()
    for name, fragments, said in (
        re.fullmatch(r"(T\d+)\t\S+ ([\d ;]+)\t(.*)", line).groups() for line in lines if line[0] == "T"
    ):  # type: ignore[union-attr]
        held = [TEXT[int(start) : int(end)] for start, end in (one.split() for one in fragments.split(";"))]
        assert " ".join(held) == said, name
        assert not any("\n" in one or "\r" in one for one in held)
    assert "E1\tAttribution:T4 Content:T1 Source:T2 Cue:T3" in lines
    assert "A2\tStance_debt E1 against" in lines
    configuration = (tmp_path / "annotation.conf").read_text(encoding="utf-8")
    assert "Stance_debt\tArg:Attribution, Value:favor|against|neutral|unclear" in configuration
    assert "Stance_target2\t" in configuration


BRAT_TEXT = (
    'Ann said that "the plan is good," and Bob denied it. The union called it “a gift”\nto banks. Nobody spoke.\r\n'
)


def brat_folder(folder: Path, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "news.txt").write_bytes(BRAT_TEXT.encode("utf-8"))
    (folder / "news.ann").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return folder


def place(words: str) -> str:
    start = BRAT_TEXT.index(words)
    return f"{start} {start + len(words)}"


def test_a_brat_folder_of_another_hand_is_read_with_marks_trimmed_and_kinds_told(tmp_path: Path) -> None:
    folder = brat_folder(
        tmp_path / "b",
        f"T1\tSource {place('Ann')}\tAnn",
        f"T2\tCue {place('said')}\tsaid",
        f'T3\tContent {place(chr(34) + "the plan is good," + chr(34))}\t"the plan is good,"',
        f"T4\tAttribution {place('said')}\tsaid",
        "E1\tAttribution:T4 Content:T3 Source:T1 Cue:T2",
        "A1\tStance_the-plan E1 favor",
        f"T5\tContent {place('it “a gift”')};{place('to banks')}\tit “a gift” to banks",
        f"T6\tSource {place('The union')}\tThe union",
        "R1\tSays Arg1:T6 Arg2:T5",
        f"T7\tContent {place('Nobody spoke')}\tNobody spoke",
        "#1\tAnnotatorNotes E1\tcheck again",
    )
    assert format_of(folder) == "brat"
    (article,) = read_brat(folder)
    assert (article.id, article.text) == ("news", BRAT_TEXT)
    assert [(quote.text, quote.kind, quote.speaker.name) for quote in article.quotes] == [
        ("the plan is good,", "direct", "Ann"),
        ("it “a gift”\nto banks", "mixed", "The union"),
        ("Nobody spoke", "indirect", None),
    ]
    assert article.quotes[0].cue == Span.of(BRAT_TEXT, 4, 8)
    assert [(stance.target, stance.label) for stance in article.quotes[0].stances] == [("the-plan", "favor")]
    assert article.targets == (Target(id="the-plan", name="the plan"),)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("T1\tContent 0 3\tBob", "line 1, T1: the mark says 'Bob', but characters 0 3 hold 'Ann'"),
        ("T1\tContent 0 900\t", "line 1, T1: 0 900 is no place in the text, which has 107 characters"),
        ("E1\tAttribution:T9 Content:T8", "line 1: E1 names the mark T9, which is not in the file"),
    ],
)
def test_a_broken_brat_file_is_refused_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(FormatError, match=re.escape(words)):
        list(read_brat(brat_folder(tmp_path / "b", line)))


def test_a_brat_stance_outside_the_label_set_is_refused(tmp_path: Path) -> None:
    folder = brat_folder(tmp_path / "b", "T1\tContent 0 3\tAnn", "E1\tAttribution:T1 Content:T1", "A1\tStance_x E1 pro")
    with pytest.raises(FormatError, match=r"news\.ann, article 'news', quote E1.*Unknown label 'pro'"):
        list(read_brat(folder))


def task(offsets: Any, **annotation: Any) -> dict[str, Any]:
    """A task as Label Studio exports it, its offsets counted by `offsets`."""
    text = "😀😀 Ann said: yes\nindeed."

    def region(name: str, label: str, words: str, said: str | None = None) -> dict[str, Any]:
        start = text.index(words)
        return {
            "id": name,
            "from_name": "marks",
            "to_name": "text",
            "type": "labels",
            "origin": "manual",
            "value": {
                "start": offsets(text[:start]),
                "end": offsets(text[: start + len(words)]),
                "text": said or words,
                "labels": [label],
            },
        }

    results = [
        region("r1", "Quote", "yes\nindeed", "yes\\nindeed"),
        region("r2", "Speaker", "Ann"),
        region("r3", "Cue", "said"),
        {"type": "relation", "from_id": "r2", "to_id": "r1", "direction": "right", "labels": []},
        {"type": "relation", "from_id": "r1", "to_id": "r3", "direction": "right"},
        {
            "id": "r1",
            "from_name": "stance_the-tax",
            "to_name": "text",
            "type": "choices",
            "value": {"choices": ["Favor"]},
        },
    ]
    return {
        "id": 7,
        "data": {"text": text},
        "annotations": [{"id": 1, "result": results, "completed_by": 3, **annotation}],
    }


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("offsets", [len, utf16_units])
def test_a_label_studio_export_is_read_whichever_way_it_counts(tmp_path: Path, offsets: Any) -> None:
    (tmp_path / "e.json").write_text(json.dumps([task(offsets)]))
    assert format_of(tmp_path / "e.json") == "labelstudio"
    (article,) = read_label_studio(tmp_path / "e.json")
    (quote,) = article.quotes
    assert (article.id, quote.text, quote.speaker.name, quote.cue and quote.cue.text) == (
        "7",
        "yes\nindeed",
        "Ann",
        "said",
    )
    assert [(stance.target, stance.label, stance.annotator) for stance in quote.stances] == [("the-tax", "favor", "3")]


def test_annotations_of_two_people_on_the_same_words_are_one_quote_with_two_stances(tmp_path: Path) -> None:
    both = task(len)
    other = json.loads(json.dumps(both["annotations"][0]).replace('"Favor"', '"Against"').replace('"r1"', '"s1"'))
    both["annotations"].append({**other, "completed_by": {"id": 4, "email": "b@x.org"}})
    (tmp_path / "e.json").write_text(json.dumps([both]))
    (article,) = read_label_studio(tmp_path / "e.json")
    assert [[(stance.label, stance.annotator) for stance in quote.stances] for quote in article.quotes] == [
        [("favor", "3"), ("against", "b@x.org")]
    ]


def test_a_label_studio_region_that_holds_other_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(json.dumps([task(lambda text: len(text) + 1)]))
    with pytest.raises(FormatError, match=r"e\.json, task 1, region r1: the region says 'yes"):
        list(read_label_studio(tmp_path / "e.json"))


STANDOFF_LINE = (
    r"\A[TEAR#][123]\t(Content|Source|Attribution:T1 Content:T[12]|Kind E1|Stance_x [ET]1|Arg1:T1)"
    r" ?[0-9]{0,2} ?[0-9]{0,3}(;[0-9] [0-9]{2})?\t?[a-z]{0,2}\Z"
)


def read_or_refused(read: Callable[[], Iterable[Article]], place: str) -> bool:
    """Whether one article came out, or a FormatError that names the place. Any other error is raised."""
    try:
        return len(list(read())) == 1
    except FormatError as problem:
        return place in str(problem)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_export_that_was_tampered_with_is_read_or_refused_by_a_format_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    tampered = [task(len)]
    here: Any = tampered[0]["annotations"]
    while isinstance(here, dict | list) and here and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
        if data.draw(st.booleans()):
            here[key] = data.draw(st.sampled_from([None, 1, "x", [], {}, ["x"], {"x": 1}, True, -1]))
        here = here[key]
    (tmp_path / "e.json").write_text(json.dumps(tampered))
    assert read_or_refused(lambda: read_label_studio(tmp_path / "e.json"), "e.json, task 1")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.from_regex(STANDOFF_LINE),
        max_size=5,
    )
)
def test_standoff_lines_of_any_kind_are_read_or_refused_by_a_format_error(tmp_path: Path, lines: list[str]) -> None:
    folder = brat_folder(tmp_path / "b", *lines)
    assert read_or_refused(lambda: read_brat(folder), "news.ann")


@pytest.mark.parametrize("labels", [("Pro", "Con"), ("pro", "PRO", "Con")])
def test_labels_come_back_from_label_studio_as_they_are_declared(tmp_path: Path, labels: tuple[str, ...]) -> None:
    stances = tuple(Stance(target="debt", label=label, annotator=f"a{n}") for n, label in enumerate(labels))
    quote = Quote(id="q", spans=(span("never"),), stances=stances)
    article = ARTICLE.replace(labels=labels, quotes=(quote,))
    write_label_studio([article], tmp_path / "l.json")
    (back,) = read_label_studio(tmp_path / "l.json")
    assert back.quotes[0].stances == stances


def test_a_choice_that_is_written_in_capitals_is_the_label_of_the_codebook(tmp_path: Path) -> None:
    quote = Quote(id="q", spans=(span("never"),), stances=(Stance(target="debt", label="favor"),))
    write_label_studio([ARTICLE.replace(quotes=(quote,))], tmp_path / "l.json")
    path = tmp_path / "l.json"
    path.write_text(path.read_text(encoding="utf-8").replace('["favor"]', '["Favor"]'), encoding="utf-8")
    (back,) = read_label_studio(path)
    assert back.quotes[0].stances[0].label == "favor"


def test_tasks_for_label_studio_come_with_the_interface_for_their_targets(tmp_path: Path) -> None:
    write_articles([ARTICLE], tmp_path / "a.json")
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, [str(tmp_path / "a.json"), str(tmp_path / "t.json"), "--to", "labelstudio"])
    assert f"Labeling Interface, Code: {tmp_path / 't.interface.xml'}" in done.output
    interface = ElementTree.fromstring((tmp_path / "t.interface.xml").read_text(encoding="utf-8"))
    assert [control.get("name") for control in interface.iter("Choices")] == ["stance_debt", "stance_بدهی"]


def test_the_labelling_interface_has_a_control_for_each_target() -> None:
    interface = ElementTree.fromstring(
        labelling_config([Target(id="a", name='"A" & <B>'), Target(id="b", name="b")], LabelSet(("pro", "con")))
    )
    assert [control.get("name") for control in interface.iter("Choices")] == ["stance_a", "stance_b"]
    assert [choice.get("value") for choice in interface.iter("Choice")][:3] == ["pro", "con", "unclear"]
    assert next(interface.iter("Header")).get("value") == '"A" & <B>'


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.parquet", "p.jsonl"])
def test_articles_become_pairs_and_pairs_the_same_questions_again(tmp_path: Path, name: str) -> None:
    write_articles([ARTICLE], tmp_path / "a.json")
    convert(tmp_path / "a.json", tmp_path / name, target_format="pairs")
    pairs = read_pairs(tmp_path / name)
    # two annotators who differ are unclear; q2 has no stance, so both targets are asked of it
    assert [(pair.id.split("#", 1)[1], pair.label) for pair in pairs] == [
        ("q1#debt", "unclear"),
        ("q1#بدهی", "favor"),
        ("q2#debt", None),
        ("q2#بدهی", None),
    ]
    convert(tmp_path / name, tmp_path / "back.json", source_format="pairs")
    (back,) = read_articles(tmp_path / "back.json")
    assert (back.id, back.text) == (ARTICLE.id, ARTICLE.text)
    assert [(quote.id, quote.spans, quote.kind, quote.speaker.name) for quote in back.quotes] == [
        (quote.id, quote.spans, quote.kind, quote.speaker.name) for quote in ARTICLE.quotes
    ]
    assert list(articles_to_pairs([back])) == pairs


def test_pairs_without_articles_become_one_article_a_text_with_the_whole_text_as_quote() -> None:
    pairs = [
        Pair(id="1", text="Yes.", target="tax", label="pro", group="g"),
        Pair(id="2", text="Yes.", target="law", label=None, group="g"),
        Pair(id="3", text="No.", target="tax", label="con", group="g", speaker="Ann", extra={"year": 2019}),
    ]
    first, second = pairs_to_articles(pairs, labels=LabelSet(("pro", "con")))
    assert (first.id, second.id, first.labels) == ("g", "g-2", ("pro", "con"))
    (quote,) = first.quotes
    assert (quote.text, [(stance.target, stance.label) for stance in quote.stances]) == (
        "Yes.",
        [("tax", "pro"), ("law", None)],
    )
    assert second.quotes[0].speaker.name == "Ann"
    assert second.quotes[0].stances[0].extra == {"year": 2019}


def test_a_target_that_an_article_does_not_have_is_a_key_error_with_those_it_has() -> None:
    with pytest.raises(KeyError, match=r"no target 'taxes' \(debt, بدهی\)"):
        ARTICLE.target("taxes")


def test_a_record_without_text_is_refused_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUOTESTANCE_CORPORA", raising=False)
    bare = Article(id="polnear/x", text=None, text_ref={"corpus": "polnear", "article": "x"})
    with pytest.raises(FormatError, match="--corpora DIR"):
        write_brat([bare], tmp_path / "b")
    with pytest.raises(FormatError, match="--corpora DIR"):
        write_label_studio([bare], tmp_path / "l.json")


def test_every_lossy_way_says_what_it_loses() -> None:
    assert losses("articles", "articles") == losses("pairs", "pairs") == ()
    for way in (
        ("articles", "pairs"),
        ("pairs", "articles"),
        ("articles", "brat"),
        ("brat", "labelstudio"),
        ("brat", "pairs"),
        ("labelstudio", "pairs"),
    ):
        assert losses(*way), way


def test_the_command_converts_and_names_what_is_lost(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(command)
    write_articles([ARTICLE], tmp_path / "a.json")
    done = CliRunner().invoke(app, [str(tmp_path / "a.json"), str(tmp_path / "p.csv")])
    assert done.exit_code == 0
    assert "4 records from articles to pairs" in done.output
    assert done.output.count("not carried over: ") == 4
    assert len(read_pairs(tmp_path / "p.csv")) == 4
    refused = CliRunner().invoke(app, [str(tmp_path / "a.json"), str(tmp_path / "b"), "--to", "xml"])
    assert isinstance(refused.exception, FormatError)
    write_pairs([Pair(id="1", text="Yes.", target="tax", label="pro")], tmp_path / "own.csv")
    assert (
        CliRunner().invoke(app, [str(tmp_path / "own.csv"), str(tmp_path / "o.json"), "--labels", "pro,con"]).exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("name", "form", "mine"),
    [
        ("keep.csv", None, "keep.csv"),
        ("keep.jsonl", None, "keep.jsonl"),
        ("keep", "brat", "keep/notes.ann"),
        ("keep.json", "labelstudio", "keep.interface.xml"),
    ],
)
def test_what_lies_at_the_target_stays_unless_it_is_said_that_it_may_be_lost(
    tmp_path: Path, name: str, form: str | None, mine: str
) -> None:
    write_articles([ARTICLE], tmp_path / "a.json")
    (tmp_path / mine).parent.mkdir(exist_ok=True)
    (tmp_path / mine).write_text("by hand")
    with pytest.raises(FormatError, match=r"keep.*: lies there already\..* --overwrite"):
        convert(tmp_path / "a.json", tmp_path / name, target_format=form)
    assert (tmp_path / mine).read_text() == "by hand"
    app = typer.Typer()
    app.command()(command)
    asked = [str(tmp_path / "a.json"), str(tmp_path / name), "--overwrite", *(["--to", form] if form else [])]
    assert CliRunner().invoke(app, asked, catch_exceptions=False).exit_code == 0
    assert convert(tmp_path / "a.json", tmp_path / name, target_format=form, overwrite=True).records


def test_a_pair_that_one_annotator_answered_is_not_asked_again() -> None:
    half = (Stance(target="debt", label="favor", annotator="a1"), Stance(target="debt", label=None, annotator="a2"))
    article = ARTICLE.replace(quotes=(Quote(id="q", spans=(span("never"),), stances=half),))
    assert [(pair.id, pair.label) for pair in articles_to_pairs([article])] == [("desk/a 1#q#debt", "favor")]
