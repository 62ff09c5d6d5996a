"""Articles into one page: who says what, in colours, and where each speaker stands, in a matrix and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from quotestance.data.pairs import Pair, article_pairs, pair_id
from quotestance.data.records import Article, Quote, Speaker
from quotestance.view.data_table import Cell, Column, Row, data_table, number_cell, text_cell
from quotestance.view.marked_text import Mark, marked, paragraphs
from quotestance.view.page import counted, escaped, isolated, page, percent
from quotestance.view.stance_marks import (
    NOBODY,
    WEAK,
    css_of,
    is_weak,
    sign,
    speaker_styles,
    stance_chip,
    stance_word,
)

UNRESOLVED = "not resolved"  # in place of the speaker, wherever speakers are counted or chosen
UNKNOWN = "unknown speaker"
NEUTRAL = "neutral"
MOST_SPEAKERS, MOST_TARGETS = 30, 15  # of the matrix; the table has all
MOST_IN_LEGEND = 12  # speakers of an article; the others are folded away
MOST_IN_NAV = 20  # articles; more are folded away
FEW_NEUTRALS = 2  # more neutral stances of one quote are folded away

_STANCE_COLUMNS = (Column("Target"), Column("Stance"), Column("Probability", numeric=True))
_QUOTE_COLUMNS = (Column("Kind"),)


def article_page(articles: Sequence[Article]) -> str:
    """A self-contained HTML page (no network) of articles with whatever is known of them: quotes, speakers, stances.

    Where a stance has several annotators, the adjudicated one is shown, as in `article_pairs`. An article without its
    text is named and left out. All text from the articles is escaped.
    """
    shown = [_Shown(article, number) for number, article in enumerate(articles, 1)]
    stances = [stance for one in shown for stance in one.stances]
    styles = shown[0].styles if len(shown) == 1 else {}  # a style means somebody else in each article
    sections = [_matrix(stances, styles), *map(_article, shown), _table(shown, stances)]
    many = "Who stands where" if stances else "Who says what"
    title = articles[0].title or articles[0].id if len(articles) == 1 else many
    body = "\n".join([_header(title, shown, stances), "<main>", *sections, "</main>"])
    return page(title, body, sheet="article_page.css")


@dataclass(frozen=True)
class _Shown:
    """An article and its place on the page."""

    article: Article
    number: int

    @property
    def anchor(self) -> str:
        return f"a{self.number}"

    @property
    def name(self) -> str:
        return self.article.title or self.article.id

    @property
    def quotes(self) -> Sequence[Quote]:
        return self.article.quotes if self.article.text is not None else ()

    def anchor_of(self, number: int) -> str:
        return f"{self.anchor}q{number}"

    @cached_property
    def speakers(self) -> Mapping[str, str]:
        """Quote id -> the speaker as counted and chosen: the name, with the id where two in the article share it."""
        names = Counter(speaker.name for speaker in self.article.speakers)
        called = {
            speaker.id: speaker.name if names[speaker.name] == 1 else f"{speaker.name} ({speaker.id})"
            for speaker in self.article.speakers
        }
        return {quote.id: called.get(quote.speaker.id or "", UNRESOLVED) for quote in self.quotes}

    @cached_property
    def styles(self) -> Mapping[str, str]:
        """The classes of each resolved speaker, the first ones to who says most."""
        spoken = Counter(name for name in self.speakers.values() if name != UNRESOLVED)
        return speaker_styles(name for name, _ in spoken.most_common())

    def css(self, quote: Quote) -> str:
        return self.styles.get(self.speakers[quote.id], NOBODY)

    def said_by(self, quote: Quote) -> str:
        """Who says a quote, in words; a mention that was not resolved says so."""
        if quote.speaker.id is not None:
            return self.speakers[quote.id]
        return UNKNOWN if quote.speaker.name is None else f"“{quote.speaker.name}” ({UNRESOLVED})"

    @cached_property
    def stances(self) -> list[_Stance]:
        if self.article.text is None:
            return []
        pairs = {pair.id: pair for pair in article_pairs([self.article], unclear=True)}
        return [
            _Stance(self, number, quote, pair)
            for number, quote in enumerate(self.quotes, 1)
            for target in dict.fromkeys(stance.target for stance in quote.stances)
            if (pair := pairs.get(pair_id(self.article.id, quote.id, target)))
        ]


@dataclass(frozen=True)
class _Stance:
    """One labelled pair and the quote that it belongs to."""

    shown: _Shown
    number: int
    quote: Quote
    pair: Pair

    @property
    def speaker(self) -> str:
        return self.shown.speakers[self.quote.id]

    @property
    def label(self) -> str:
        return str(self.pair.label)

    @property
    def probability(self) -> float | None:
        return (self.pair.probabilities or {}).get(self.label)


def _header(title: str, shown: Sequence[_Shown], stances: Sequence[_Stance]) -> str:
    quotes = sum(len(one.quotes) for one in shown)
    said = Counter(name for one in shown for name in one.speakers.values())
    unresolved = said.pop(UNRESOLVED, 0)
    counts = [counted(len(shown), "article"), counted(quotes, "quote"), counted(len(said), "speaker")]
    if unresolved:
        counts.append(f"{counted(unresolved, 'quote')} without a resolved speaker")
    if stances:
        counts += [counted(len({stance.pair.target for stance in stances}), "target"), counted(len(stances), "stance")]
    sources = sorted({stance.pair.annotator for stance in stances if stance.pair.annotator})
    by = f'<p class="soft">Labels by: {", ".join(map(isolated, sources))}.</p>' if sources else ""
    summary = [_link("matrix", "Summary")] if stances else []
    table = [_link("all", "Table")] if quotes else []
    articles = [_link(one.anchor, isolated(one.name)) for one in shown]
    if len(shown) > MOST_IN_NAV:
        links = f"<ul>{''.join(summary + table)}</ul>"
        links += _folded(counted(len(shown), "article"), f"<ul>{''.join(articles)}</ul>")
    else:
        links = f"<ul>{''.join(summary + articles + table)}</ul>"
    return (
        f'<header><h1 dir="auto">{escaped(title)}</h1><p>{" · ".join(counts)}</p>{by}'
        f'<nav aria-label="On this page">{links}</nav></header>'
    )


def _link(anchor: str, words: str) -> str:
    return f'<li><a href="#{anchor}">{words}</a></li>'


def _matrix(stances: Sequence[_Stance], styles: Mapping[str, str]) -> str:
    """Speakers × targets with the number of each label, weak ones aside; a cell leads to its rows in the table."""
    if not stances:
        return ""
    cells: dict[tuple[str, str], Counter[str]] = {}
    sure = [stance for stance in stances if not is_weak(stance.probability)]
    for stance in sure:
        cells.setdefault((stance.speaker, stance.pair.target), Counter())[stance.label] += 1
    speakers = [name for name, _ in Counter(stance.speaker for stance in stances).most_common()]
    speakers.sort(key=UNRESOLVED.__eq__)  # nobody's come last
    targets = [name for name, _ in Counter(stance.pair.target for stance in stances).most_common()]
    left_out = [
        counted(len(names) - most, what)
        for names, most, what in ((speakers, MOST_SPEAKERS, "speaker"), (targets, MOST_TARGETS, "target"))
        if len(names) > most
    ]
    order = list(dict.fromkeys(label for one in stances for label in (*one.shown.article.label_set, one.label)))
    heads = "".join(f'<th scope="col">{isolated(target)}</th>' for target in targets[:MOST_TARGETS])
    rows = "".join(
        f'<tr><th scope="row">{_who(speaker, styles.get(speaker, ""))}</th>'
        + "".join(
            f"<td>{_matrix_cell(speaker, target, cells.get((speaker, target)), order)}</td>"
            for target in targets[:MOST_TARGETS]
        )
        + "</tr>"
        for speaker in speakers[:MOST_SPEAKERS]
    )
    key = " · ".join(stance_word(label) for label in order if any(label in cell for cell in cells.values()))
    rest = f" {' and '.join(left_out)} with fewer stances stand in the table only." if left_out else ""
    if weak := len(stances) - len(sure):
        rest += f" {counted(weak, 'stance')} below {percent(WEAK)} {'is' if weak == 1 else 'are'} not counted here; the table has all."
    return (
        '<section><h2 id="matrix">Speakers and targets</h2><p class="soft">How many quotes of a speaker take which '
        f"side: {key}. Choose a cell to see its quotes.{rest}</p>"
        '<div class="scroll" tabindex="0" role="region" aria-labelledby="matrix"><table class="matrix">'
        f'<thead><tr><th scope="col">Speaker</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _matrix_cell(speaker: str, target: str, counts: Counter[str] | None, order: Sequence[str]) -> str:
    if not counts:
        return '<span class="none" title="no quote of this speaker takes a side here that is sure enough to count">·</span>'
    said = [label for label in order if counts[label]]
    leaning = max(said, key=lambda label: counts[label])
    clear = leaning != NEUTRAL and 2 * counts[leaning] > sum(counts.values())
    words = escaped(", ".join(f"{counts[label]} {label}" for label in said))
    parts = " ".join(f'<span class="stance {css_of(label)}">{sign(label)}{counts[label]}</span>' for label in said)
    lean = f" lean-{css_of(leaning)}" if clear else ""
    return (
        f'<button type="button" class="cell{lean}" data-show="all" data-f-speaker="{escaped(speaker)}" '
        f'data-f-target="{escaped(target)}" aria-label="{escaped(speaker)} on {escaped(target)}: {words}" '
        f'title="{words}">{parts}</button>'
    )


def _article(shown: _Shown) -> str:
    """The text with its quotes marked, and beside each paragraph who speaks there and where they stand."""
    article = shown.article
    facts = [isolated(fact) for fact in (article.source, article.published) if fact]
    if article.url and article.url.startswith(("https://", "http://")):
        facts.append(f'<a href="{escaped(article.url)}" rel="noreferrer">{isolated(article.url)}</a>')
    head = f'<h2 id="{shown.anchor}" dir="auto">{escaped(shown.name)}</h2>'
    head += f'<p class="soft">{" · ".join(facts)}</p>' if facts else ""
    if article.text is None:
        return (
            f'<section class="article">{head}<p>The text of this article may not be shipped with its labels. '
            "Join it to your own copy of its corpus (--corpora DIR), and it will be shown here.</p></section>"
        )
    marks = list(_marks(shown))
    notes = _notes(shown)
    language = f' lang="{escaped(article.language)}"' if article.language else ""
    rows = []
    for start, end in paragraphs(article.text):
        beside = "".join(
            notes.pop(number)
            for number, quote in enumerate(shown.quotes, 1)
            if quote.spans and start <= quote.spans[0].start < end and number in notes
        )
        words = marked(article.text, marks, start, end)
        rows.append(_beside(f'<p class="text" dir="auto"{language}>{words}</p>', beside))
    if notes:  # quotes that have no span
        rows.append(_beside('<p class="text soft">Quotes without a place in the text:</p>', "".join(notes.values())))
    body = "\n".join(rows)
    return f'<section class="article">{head}{_legend(shown)}<div class="reading">\n{body}\n</div></section>'


def _beside(paragraph: str, notes: str) -> str:
    return f'{paragraph}<div class="beside">{notes}</div>'


def _who(speaker: str, css: str) -> str:
    return f'<span class="who {css or "plain"}">{isolated(speaker)}</span>'


def _legend(shown: _Shown) -> str:
    """Who speaks in this article and how often, the most frequent first, and what the kinds of quotes look like."""
    counts = Counter(shown.speakers.values())
    if not counts:
        return '<p class="soft">No quotes were found in this article.</p>'
    unresolved = counts.pop(UNRESOLVED, 0)
    also = {shown.speakers[quote.id]: _aliases(shown.article.speakers, quote) for quote in shown.quotes}
    items = [
        f'<li>{_who(name, shown.styles[name])} <span class="soft">{counted(count, "quote")}{also[name]}</span></li>'
        for name, count in counts.most_common()
    ]
    seen, folded = items[:MOST_IN_LEGEND], items[MOST_IN_LEGEND:]
    if unresolved:
        seen.append(f'<li>{_who(UNRESOLVED, NOBODY)} <span class="soft">{counted(unresolved, "quote")}</span></li>')
    more = _folded(counted(len(folded), "more speaker"), f'<ul class="legend">{"".join(folded)}</ul>')
    return (
        f'<ul class="legend" aria-label="Speakers">{"".join(seen)}</ul>{more if folded else ""}'
        f'<p class="soft legend-key"><span class="q direct {NOBODY}">direct</span> '
        f'<span class="q mixed {NOBODY}">mixed</span> <span class="q indirect {NOBODY}">indirect</span> '
        f'<span class="mention {NOBODY}">who speaks</span> <span class="cue">word of saying</span></p>'
    )


def _folded(summary: str, inner: str) -> str:
    return f'<details><summary class="soft">{summary}</summary>{inner}</details>'


def _aliases(speakers: Sequence[Speaker], quote: Quote) -> str:
    aliases = next((speaker.aliases for speaker in speakers if speaker.id == quote.speaker.id), ())
    return f"; also: {', '.join(map(isolated, aliases))}" if aliases else ""


def _marks(shown: _Shown) -> Iterator[Mark]:
    for number, quote in enumerate(shown.quotes, 1):
        anchor, who = shown.anchor_of(number), shown.css(quote)
        for part, span in enumerate(quote.spans):
            label = escaped(", ".join(filter(None, (f"quote {number}", quote.kind, shown.said_by(quote)))))
            link = f'<a class="n" id="{anchor}" href="#{anchor}n" data-n="{number}" aria-label="{label}"></a>'
            css = f"q {quote.kind or 'direct'} {who}"
            yield Mark(span.start, span.end, css, anchor, "" if part else link)
        if mention := quote.speaker.mention:
            yield Mark(mention.start, mention.end, f"mention {who.split()[0]}")
        if quote.cue:
            yield Mark(quote.cue.start, quote.cue.end, "cue")


def _notes(shown: _Shown) -> dict[int, str]:
    """Number of a quote -> the note beside the text: its number, speaker, kind and stances."""
    by_quote: dict[int, list[_Stance]] = {}
    for stance in shown.stances:
        by_quote.setdefault(stance.number, []).append(stance)
    notes = {}
    for number, quote in enumerate(shown.quotes, 1):
        anchor = shown.anchor_of(number)
        place = f' href="#{anchor}" aria-label="to quote {number}"' if quote.spans else ""
        kind = f' <span class="soft">{quote.kind}</span>' if quote.kind else ""
        notes[number] = (
            f'<div class="note" id="{anchor}n" data-q="{anchor}"><a class="number"{place}>{number}</a> '
            f"{_who(shown.said_by(quote), shown.css(quote))}{kind}{_chips(by_quote.get(number, []))}</div>"
        )
    return notes


def _chips(stances: Sequence[_Stance]) -> str:
    """Sides first, the most probable first; many neutral ones are folded away."""
    ordered = sorted(stances, key=lambda stance: -(stance.probability or 0))
    sides, neutrals = (
        [
            f"<li>{stance_chip(stance.label, stance.pair.target, stance.probability)}</li>"
            for stance in ordered
            if (stance.label == NEUTRAL) is neutral
        ]
        for neutral in (False, True)
    )
    if len(neutrals) <= FEW_NEUTRALS:
        return f"<ul>{''.join(sides + neutrals)}</ul>" if stances else ""
    folded = f"<details><summary>{len(neutrals)} neutral</summary><ul>{''.join(neutrals)}</ul></details>"
    return (f"<ul>{''.join(sides)}</ul>" if sides else "") + folded


def _table(shown: Sequence[_Shown], stances: Sequence[_Stance]) -> str:
    """Speaker · quote · target · stance · probability; a quote without stances has one row, with dashes."""
    quotes = [(one, number, quote) for one in shown for number, quote in enumerate(one.quotes, 1)]
    if not quotes:
        return ""
    labelled: dict[tuple[int, int], list[_Stance]] = {}
    for stance in stances:
        labelled.setdefault((stance.shown.number, stance.number), []).append(stance)
    about = _STANCE_COLUMNS if stances else _QUOTE_COLUMNS
    several = len(shown) > 1
    rows = []
    for one, number, quote in quotes:
        facets = {"speaker": one.speakers[quote.id], **({"article": one.name} if several else {})}
        href = f"#{one.anchor_of(number)}" if quote.spans else None
        article = [Cell(f'<a href="#{one.anchor}">{isolated(one.name)}</a>')] if several else []
        for cells, more in _about(labelled.get((one.number, number), [])) if stances else [_kind(quote)]:
            rows.append(
                Row([text_cell(one.said_by(quote)), _quote_cell(quote, href), *cells, *article], facets | more, href)
            )
    columns = [Column("Speaker"), Column("Quote", wide=True), *about, *([Column("Article")] if several else [])]
    facet_names = ["speaker", *(["target", "label"] if stances else ["kind"]), *(["article"] if several else [])]
    what = "stance" if stances else "quote"
    caption = f"Choose a heading to sort, a row to see its quote in the text. One row a {what}."
    table = data_table("all", columns, rows, facets=facet_names, search=True, cards=True, caption=caption)
    return f"<section><h2>Every {what}</h2>{table}</section>"


def _about(stances: Sequence[_Stance]) -> list[tuple[list[Cell], dict[str, str]]]:
    """The cells and facets of each stance of a quote; of a quote that has none, one row of dashes."""
    if not stances:
        return [([Cell("–", missing=True)] * len(_STANCE_COLUMNS), {})]
    return [
        (
            [text_cell(stance.pair.target), Cell(stance_word(stance.label), stance.label), _sure(stance.probability)],
            {"target": stance.pair.target, "label": stance.label},
        )
        for stance in stances
    ]


def _kind(quote: Quote) -> tuple[list[Cell], dict[str, str]]:
    return [text_cell(quote.kind or "–")], {"kind": quote.kind or "unknown"}


def _quote_cell(quote: Quote, href: str | None) -> Cell:
    if href is None:
        return Cell("–", missing=True)
    return Cell(f'<a class="plain" dir="auto" href="{href}">{escaped(quote.text)}</a>', quote.text)


def _sure(probability: float | None) -> Cell:
    return number_cell(None) if probability is None else Cell(percent(probability), round(probability, 6))
