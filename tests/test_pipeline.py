"""One article through all stages, on the same record."""

from collections.abc import Iterable, Iterator, Sequence

import pytest

from quotestance.data.errors import FormatError
from quotestance.data.files import article_record
from quotestance.data.labels import CODEBOOK, LabelSet
from quotestance.data.pairs import Pair, article_pairs, article_questions
from quotestance.data.questions import as_targets, asked_about
from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target
from quotestance.inference.extract import article_tally
from quotestance.models import load_quote_finder
from quotestance.models.folders import ModelError
from quotestance.models.pipeline import Analyst, answer_questions, article_of
from quotestance.models.protocol import stance_of
from quotestance.models.rules.quote_rules import RuleQuoteFinder

TEXT = 'Mayor Ann Lee spoke on Monday. "We open the park," Lee said. "The road stays shut," said Bob Ray.'


class Finder:
    """Knows the two quotes of TEXT."""

    name, revision = "fake", "1"

    def find_many(self, texts: Iterable[str]) -> Iterator[tuple[Quote, ...]]:
        return map(self._quotes, texts)

    def _quotes(self, text: str) -> tuple[Quote, ...]:
        def span(words: str) -> Span:
            return Span.of(text, text.rindex(words), text.rindex(words) + len(words))

        return (
            Quote(
                id="q1", kind="direct", spans=(span("We open the park,"),), speaker=QuoteSpeaker(mention=span("Lee"))
            ),
            Quote(
                id="q2",
                kind="direct",
                spans=(span("The road stays shut,"),),
                speaker=QuoteSpeaker(mention=span("Bob Ray")),
            ),
        )


class Model:
    """In favor of whatever its quote names; it notes what it was asked."""

    name, revision, labels = "fake", "7", CODEBOOK

    def __init__(self) -> None:
        self.asked: list[Pair] = []

    def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
        self.asked += pairs
        rows = [(0.8, 0.1, 0.1) if pair.target in pair.quote_text else (0.1, 0.1, 0.8) for pair in pairs]
        return [stance_of(pair.target, row, CODEBOOK, "model:fake@7") for pair, row in zip(pairs, rows, strict=True)]


def test_a_text_comes_out_with_quotes_speakers_and_a_stance_on_every_target() -> None:
    article = Analyst(Finder(), Model()).analyze(TEXT, targets=["park", Target(id="r", name="road")])
    assert article.text == TEXT
    assert [target.name for target in article.targets] == ["park", "road"]
    first, second = article.quotes
    assert first.speaker.name.endswith("Ann Lee")
    assert [(s.target, s.label, s.probability) for s in second.stances] == [
        (article.targets[0].id, "neutral", 0.8),
        ("r", "favor", 0.8),
    ]
    assert {s.annotator for quote in article.quotes for s in quote.stances} == {"model:fake@7"}


def test_the_article_passed_in_stays_as_it_was() -> None:
    before = Article(id="a", text=TEXT, targets=(Target(id="p", name="park"),))
    kept = before.model_copy(deep=True)
    [after] = Analyst(Finder(), Model()).analyze_many([before])
    assert before == kept
    assert after.quotes


def test_only_open_questions_are_asked_and_given_labels_stay() -> None:
    span = Span.of(TEXT, TEXT.index("We"), TEXT.index(',"'))
    quote = Quote(
        id="q", spans=(span,), stances=(Stance(target="p", label="against", annotator="gold"), Stance(target="r"))
    )
    article = Article(
        id="a", text=TEXT, targets=(Target(id="p", name="park"), Target(id="r", name="road")), quotes=(quote,)
    )
    model = Model()
    [answered] = answer_questions([article], model)
    assert [pair.target for pair in model.asked] == ["road"]
    assert [(s.label, s.annotator) for s in answered.quotes[0].stances] == [
        ("against", "gold"),
        ("neutral", "model:fake@7"),
    ]


def test_an_article_without_targets_gets_quotes_and_no_stance() -> None:
    article = Analyst(Finder(), Model()).analyze(TEXT)
    assert len(article.quotes) == 2
    assert all(not quote.stances for quote in article.quotes)


def test_many_articles_come_out_in_order_and_one_at_a_time() -> None:
    articles = (Article(id=f"a{number}", text=TEXT, targets=(Target(id="p", name="park"),)) for number in range(100))
    stream = Analyst(Finder(), Model()).analyze_many(articles)
    assert next(stream).id == "a0"
    assert next(articles).id != "a99", "the whole stream was read before the first article came out"
    assert len(list(stream)) == 98


def test_pairs_of_an_article_show_the_resolved_name_and_the_place_of_the_quote() -> None:
    span = Span.of(TEXT, TEXT.index("We"), TEXT.index(',"'))
    article = Article(
        id="a",
        text=TEXT,
        targets=(Target(id="p", name="park"),),
        speakers=(Speaker(id="lee", name="Ann Lee"),),
        quotes=(
            Quote(
                id="q",
                spans=(span,),
                speaker=QuoteSpeaker(id="lee"),
                stances=(
                    Stance(target="p", label="favor", annotator="a1"),
                    Stance(target="p", label="against", annotator="a2"),
                ),
            ),
        ),
    )
    assert list(article_pairs([article])) == []
    [pair] = article_pairs([article], unclear=True)
    assert (pair.label, pair.speaker, pair.quote_text, pair.group) == ("unclear", "Ann Lee", "We open the park", "a")
    assert list(article_questions([article])) == []


def test_resolved_names_of_one_article_do_not_reach_into_another() -> None:
    quote = Quote(id="q", spans=(Span.of(TEXT, 0, 5),), speaker=QuoteSpeaker(id="s"))
    first = Article(id="a", text=TEXT, speakers=(Speaker(id="s", name="Ann Lee"),), quotes=(quote,))
    second = first.replace(speakers=(Speaker(id="s", name="Bob Ray"),))
    assert (first.quotes[0].speaker.name, second.quotes[0].speaker.name) == ("Ann Lee", "Bob Ray")


def test_a_text_free_record_cannot_be_asked() -> None:
    article = Article(id="a", text=None, text_ref={"corpus": "polnear"})
    with pytest.raises(FormatError, match="has no text"):
        Analyst(Finder(), Model()).extract(article)


def test_a_record_that_holds_half_of_a_character_is_refused() -> None:
    with pytest.raises(FormatError, match="character 1 is half of one"):
        Analyst(Finder(), Model()).extract(Article(id="a", text="a\ud83d"))


def test_articles_of_one_id_get_each_its_own_answers() -> None:
    park, road = (article_of(f"“The {name} we want,” Ann Lee said.") for name in ("park", "road"))
    asked = [asked_about(one, as_targets("park")) for one in (park, road)]
    found = Analyst(load_quote_finder("rules"), Model()).analyze_many(asked)
    assert [one.quotes[0].stances[0].label for one in found] == ["favor", "neutral"]


def test_a_quote_that_was_asked_about_one_target_is_asked_about_another() -> None:
    analyst = Analyst(Finder(), Model())
    first = analyst.analyze(TEXT, "park")
    [second] = analyst.analyze_many([asked_about(first, as_targets(["road", "park"]))])
    assert [target.name for target in second.targets] == ["park", "road"]
    assert [[s.target for s in quote.stances] for quote in second.quotes] == [["park", "road"]] * 2
    assert [quote.stances[0] for quote in second.quotes] == [quote.stances[0] for quote in first.quotes]
    assert [quote.stances[1].label for quote in second.quotes] == ["neutral", "favor"]


def test_a_target_under_the_id_of_another_is_refused() -> None:
    port = Article(id="a", text=TEXT, targets=(Target(id="port", name="port of Haifa"),))
    with pytest.raises(FormatError, match="'port' is 'port of Haifa', but 'Port' is asked under that id"):
        asked_about(port, as_targets("Port"))


def test_names_that_would_have_one_id_get_two() -> None:
    article = Analyst(Finder(), Model()).analyze(TEXT, targets=["C++", "C#", "C++"])
    assert [(target.id, target.name) for target in article.targets] == [("c", "C++"), ("c-2", "C#")]


def test_a_model_of_other_labels_answers_unlabelled_articles_in_its_own_and_refuses_labelled_ones() -> None:
    class ProCon(Model):
        labels = LabelSet(("pro", "con"))

        def predict_pairs(self, pairs: Sequence[Pair]) -> list[Stance]:
            return [stance_of(pair.target, (0.7, 0.3), self.labels, "model:pc@1") for pair in pairs]

    found = Analyst(Finder(), ProCon()).analyze(TEXT, "park")
    assert found.labels == ("pro", "con")
    assert found.quotes[0].stances[0].label == "pro"
    [again] = Analyst(Finder(), ProCon()).analyze_many([found])
    assert again == found
    gold = Analyst(Finder(), Model()).analyze(TEXT, "park")
    with pytest.raises(FormatError, match="its labels are favor, against, neutral, but fake answers pro, con"):
        list(answer_questions([asked_about(gold, as_targets("road"))], ProCon()))


def test_one_target_may_be_named_without_a_list() -> None:
    article = Analyst(Finder(), Model()).analyze(TEXT, targets="park")
    assert [target.name for target in article.targets] == ["park"]


def test_a_text_alone_can_be_extracted() -> None:
    assert Analyst(Finder()).extract(TEXT).quotes == Analyst(Finder()).extract(Article(id="article", text=TEXT)).quotes


@pytest.mark.parametrize(
    ("text", "said"), [(None, "is NoneType"), (b"x", "is bytes"), ("a\ud83d", "character 1 is half of one")]
)
def test_what_is_no_text_is_refused(text: object, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        Analyst(Finder()).extract(text)  # type: ignore[arg-type]


def test_an_unknown_quote_finder_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(ModelError, match="neither a folder nor one of quotes-small, rules, textacy"):
        load_quote_finder("rulez")


@pytest.mark.parametrize("own", [True, False, "no"])
def test_a_key_of_the_users_that_is_called_as_ours_is_kept_and_only_ours_is_counted(own: object) -> None:
    foreign = (
        "Der Minister sagte am Montag, das sei nicht wahr, und die Regierung werde den Hafen nicht mehr verkaufen."
    )
    analyst = Analyst(RuleQuoteFinder())
    mine = {"reads_as_english": own, "outlet": "x"}
    english, german = analyst.extract_many([Article(id="e", text=TEXT, **mine), Article(id="g", text=foreign, **mine)])
    assert english.extra == {"original_reads_as_english": own, "outlet": "x"}
    assert german.extra["reads_as_english"] is False
    assert own is False or german.extra["original_reads_as_english"] == own
    assert [article_tally(article_record(one))["foreign"] for one in (english, german)] == [0, 1]
    assert analyst.extract(german) == german  # read again, nothing piles up
