"""Where an article names its people outside quotation marks, and which of these places lead their clause."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from quotestance.models.language.sentences import Sentence, Token, sentences
from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.cast import Cast, Entity
from quotestance.models.speakers.paragraph_numbers import Paragraphs
from quotestance.models.speakers.person_words import NOT_NAMES, PARTIES, ROLE_HEADS, TITLES
from quotestance.models.speakers.spelling import family, folded, is_capital, unpossessive

LEAD = 2  # lines of the headline and the first paragraph
LEAD_WEIGHT = 2  # full names elsewhere that a naming in the lead is worth
DOMINANT = 2  # two people of one surname: the bare surname is the one who weighs so many times as much
DESCRIBED = 300  # characters of a description between two names
LONGEST_NAME = 7  # tokens, full stops counted

# words behind which a subject may begin; not "that", "said", "if", whose clause is about what someone else thinks
OPENERS = word_set("and but or when while as after since before although though so yet until then given despite") | {""}
CLAUSE_WORDS = (OPENERS - {""}) | word_set(
    "that said says if whether how why which whom than because where unless what like asked"
)
# words between an opener and a name: "former presumptive nominee Ann Lee"
MODIFIERS = PARTIES | word_set("""
    former presumptive presidential vice fellow then-candidate ex longtime veteran prime foreign defense finance acting
    retired late deputy senior chief national state local democratic republican gop right-wing left-wing conservative
    liberal first rival frontrunner front-runner running mate
""")
# words behind a name that make it a part of another: "the Trump campaign"
OWNED_BY_NAME = word_set("""
    campaign camp administration supporters supporter aide aides adviser advisers advisor advisors spokesman spokeswoman
    spokesperson family team foundation organization rally rallies voters voter plan ally allies surrogate surrogates
    presidency delegate delegates backers critics fans doctrine
""")
NOT_BEHIND_SUBJECTS = word_set("and or of in on at to for with by from as than about into during")
POSSESSIVES = ("'s", "’s", "'", "’")
SUBORDINATE = re.compile(r"^,\s(?:an?\s|the\s)?[\w\s’'\-]*?\b(?:of|to|for)\s[^,.;:!?]*$")  # ", mother of Sam Lee"
AND = re.compile(r"\sand\s(?:(?:[A-Z][\w’'.]*|former|fellow|rival)\s)*")  # between two names
NO_ROLES: frozenset[str] = frozenset()
MEMORY = 4  # paragraphs for which a surname goes on meaning whom it meant
PRONOUN_GENDER = {"he": "male", "his": "male", "him": "male", "himself": "male"} | {
    "she": "female", "her": "female", "hers": "female", "herself": "female"
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A name at `start`..`end`; `leads`: it stands where its clause's subject stands; `full`: with a first name."""

    start: int
    end: int
    entity: Entity
    leads: bool
    full: bool
    sentence: int
    embedded: bool = False  # "how sensitive Lee is": the subject of a clause within another
    owns: bool = False  # "Lee’s rating stands at …": a possessive where a subject stands


@dataclass(frozen=True)
class FullPlaces:
    """Where the full names of the bearers of one surname stand, in order, and how often each one's does, by id()."""

    places: list[Place]
    starts: list[int]
    times: Counter[int]


class NamedPlaces:
    """All places of the cast's names, in order, and the sentences in which they stand."""

    def __init__(self, text: str, cast: Cast) -> None:
        self.text = text
        self.cast = cast
        self.paragraphs = Paragraphs(text)
        lines = self.paragraphs.places
        self.sentences = [one for start, end in lines for one in sentences(text, start, end) if one.tokens]
        self.starts = [one.tokens[0].start for one in self.sentences]
        self.lead_end = lines[min(LEAD, len(lines)) - 1][1] if lines else 0
        self.firsts: dict[str, list[Entity]] = {}
        for one in cast.people():
            for first in {folded(name[0]) for name in one.variants if len(name) > 1}:
                self.firsts.setdefault(first, []).append(one)
        self.places: list[Place] = []
        self.place_starts: list[int] = []
        self.full_of: dict[int, list[Place]] = {}  # by the entity's id(): where its full names stand
        self.full_of_several: dict[tuple[int, ...], FullPlaces] = {}  # by those of the bearers of one surname
        self.covered: set[int] = set()  # where the words of full names start
        for full in (True, False):  # full names first: they tell whom a surname alone means
            for number, sentence in enumerate(self.sentences):
                for place in self._of(sentence, number, full=full):
                    self._enter(place)
        self.times = Counter(id(place.entity) for place in self.places)
        self.first_at = {id(place.entity): place.start for place in reversed(self.places)}
        self.most_named = sorted(
            {id(place.entity): place.entity for place in self.places}.values(), key=lambda one: -self.times[id(one)]
        )
        self._learn_gender()

    def _enter(self, place: Place) -> None:
        at = bisect_left(self.place_starts, place.start)
        self.places.insert(at, place)
        self.place_starts.insert(at, place.start)
        if place.full:
            self.full_of.setdefault(id(place.entity), []).append(place)

    def before(self, at: int, since: int = 0) -> list[Place]:
        """The places from `since` to `at`."""
        return self.places[bisect_left(self.place_starts, since) : bisect_left(self.place_starts, at)]

    def pair_before(self, at: int) -> tuple[Place, Place] | None:
        """The two people, "Ann Lee and Bob Ray", with whom this sentence or the one before begins; None where there are none."""
        number = self.sentence_at(at)
        for back in (number, number - 1):
            if back < 0 or not self.sentences:
                continue
            named = self.before(min(at, self.sentences[back].end), self.starts[back])
            for first, second in itertools.pairwise(named):
                between = self.text[first.end : second.start]
                if _opener(self.sentences[back].tokens, self._token_at(first)) in OPENERS and AND.fullmatch(between):
                    return first, second
        return None

    def _token_at(self, place: Place) -> int:
        tokens = self.sentences[place.sentence].tokens
        return next(i for i, token in enumerate(tokens) if token.start == place.start)

    def sentence_at(self, at: int) -> int:
        """The number of the sentence in which `at` stands."""
        return max(0, bisect_left(self.starts, at + 1) - 1)

    def quoted(self, at: int) -> bool:
        """Whether `at` stands in quotation marks."""
        return any(
            region.start <= at < region.end
            for region in (self.sentences[self.sentence_at(at)].regions if self.sentences else ())
        )

    def bearer(self, surname: str, at: int, gender: str = "", roles: frozenset[str] = NO_ROLES) -> Entity | None:
        """Whom the surname, with a title of these `roles`, means at `at`: its only bearer, who leads this paragraph by full name, or who dominates."""
        bearers = [one for one in self.cast.by_surname.get(surname, []) if one.fits(gender)]
        bearers = [one for one in bearers if roles & one.roles.keys()] or bearers
        sentence_end = self.sentences[self.sentence_at(at)].end if self.sentences else at
        beside = [place.entity for place in self.before(sentence_end, at + 1) if place.full]
        others = [one for one in bearers if all(one is not named for named in beside)]
        bearers = others if len(bearers) > 1 and others else bearers  # "Lee said of Ann Lee"
        if len(bearers) < 2:
            return bearers[0] if bearers else None
        ids = tuple(map(id, bearers))
        full = self.full_of_several.get(ids) or self.full_of_several.setdefault(ids, self._full_places(bearers))
        weights = sorted(((self._weight(one, at, full), number) for number, one in enumerate(bearers)), reverse=True)
        (most, best), (second, _) = weights[:2]
        return (
            self._near_bearer(full, at)
            or (bearers[best] if most >= DOMINANT * second else None)
            or self._meant_before(bearers, at)
        )

    def _near_bearer(self, full: FullPlaces, at: int) -> Entity | None:
        """The only bearer whose full name this paragraph and the one before have, if it leads a clause there."""
        since = self.paragraphs.starts[max(0, self.paragraphs.number(at) - 1)]
        near = full.places[bisect_left(full.starts, since) : bisect_left(full.starts, at)]
        named = {id(place.entity) for place in near}
        return near[-1].entity if len(named) == 1 and any(place.leads for place in near) else None

    def _meant_before(self, bearers: list[Entity], at: int) -> Entity | None:
        """Whom the surname meant when it stood last, shortly before."""
        allowed = {id(one) for one in bearers}
        bare = [one for one in self.before(at, max(0, at - 3_000)) if not one.full and id(one.entity) in allowed]
        near = bare and self.paragraphs.apart(bare[-1].start, at) <= MEMORY
        return bare[-1].entity if near else None

    def _full_places(self, bearers: list[Entity]) -> FullPlaces:
        """Where the full names of these stand; not inside the description of another of them ("Ann Lee, mother of Sam Lee")."""
        places = sorted(
            (place for one in bearers for place in self.full_of.get(id(one), ())), key=lambda place: place.start
        )
        kept = [place for i, place in enumerate(places) if not (i and self._in_description(place, places[i - 1]))]
        return FullPlaces(kept, [place.start for place in kept], Counter(id(place.entity) for place in kept))

    def _in_description(self, place: Place, before: Place) -> bool:
        near = place.start - before.end <= DESCRIBED
        return near and SUBORDINATE.match(self.text[before.end : place.start]) is not None

    def _weight(self, one: Entity, at: int, full: FullPlaces) -> float:
        """How often the full name stands, more where the lead has it, half where it stands only behind `at`."""
        first = one.places[0] if one.places else len(self.text)
        times = full.times[id(one)]
        return times + (LEAD_WEIGHT if first < self.lead_end else 0) if first < max(at, self.lead_end) else times / 2

    def _of(self, sentence: Sentence, number: int, *, full: bool) -> list[Place]:
        found: list[Place] = []
        tokens = sentence.tokens
        i = 0
        while i < len(tokens):
            end, entity = self._name_at(tokens, i) if full else self._part_at(tokens, i)
            if entity is not None:
                opener, behaves = _opener(tokens, i), _before_verb(tokens, end)
                opens = opener in OPENERS
                owns = opens and tokens[end - 1].text.endswith(POSSESSIVES)
                place = Place(
                    tokens[i].start,
                    tokens[end - 1].end,
                    entity,
                    leads=opens and behaves and not owns,
                    full=full,
                    sentence=number,
                    embedded=behaves and not owns,
                    owns=owns,
                )
                found.append(place)
                self.covered.update(token.start for token in tokens[i:end])
            i = end
        return found

    def _name_at(self, tokens: tuple[Token, ...], i: int) -> tuple[int, Entity | None]:
        """A name of two words or more that begins at token i."""
        if not is_capital(tokens[i].text) or tokens[i].region >= 0:
            return i + 1, None
        for end in range(min(i + LONGEST_NAME, len(tokens)), i + 1, -1):
            if not is_capital(tokens[end - 1].text):
                continue
            words = tuple(folded(unpossessive(token.text)) for token in tokens[i:end] if token.text != ".")
            for one in self.cast.by_surname.get(folded(family(words)), ()) if len(words) > 1 else ():
                if any(words == tuple(map(folded, variant)) for variant in one.variants):
                    return end, one
        return i + 1, None

    def _part_at(self, tokens: tuple[Token, ...], i: int) -> tuple[int, Entity | None]:
        """A surname, or a first name that one person bears, at token i."""
        token = tokens[i]
        key = folded(unpossessive(token.text))
        if (
            not is_capital(token.text)
            or token.region >= 0
            or token.start in self.covered
            or key in NOT_NAMES
            or (i and tokens[i - 1].low == "the")
        ):
            return i + 1, None
        if key in self.cast.by_surname:
            return i + 1, self.bearer(key, token.start)
        firsts = self.firsts.get(key, [])
        behind = tokens[i + 1] if i + 1 < len(tokens) else None
        return i + 1, firsts[0] if len(firsts) == 1 and not (behind and behind.capital) else None

    def _learn_gender(self) -> None:
        """A person without a known gender gets that of the pronouns behind the name, where nobody else is in the sentence."""
        votes: dict[int, dict[str, Entity]] = {}
        by_sentence: dict[int, list[Place]] = {}
        for place in self.places:
            by_sentence.setdefault(place.sentence, []).append(place)
        for number, places in by_sentence.items():
            one = places[0].entity
            if one.gender or any(place.entity is not one for place in places):
                continue
            following = [token for token in self.sentences[number].tokens if token.start > places[0].start]
            genders = {
                PRONOUN_GENDER[token.low] for token in following if token.region < 0 and token.low in PRONOUN_GENDER
            }
            if len(genders) == 1:
                votes.setdefault(id(one), {})[genders.pop()] = one
        for genders_of in votes.values():
            if len(genders_of) == 1:
                gender, one = next(iter(genders_of.items()))
                one.gender = gender


def _before_verb(tokens: tuple[Token, ...], end: int) -> bool:
    """Whether a verb or an apposition may stand behind the name that ends before token `end`."""
    behind = tokens[end] if end < len(tokens) else None
    if behind is None or behind.low in OWNED_BY_NAME or behind.low in NOT_BEHIND_SUBJECTS:
        return False
    return behind.word or behind.mark or behind.text in (",", "(", "—", "–", "--", "-", ":")


def _opener(tokens: tuple[Token, ...], start: int) -> str:
    """The word before the name at token `start` and its titles; "" where a clause begins there."""
    i = start - 1
    while i >= 0 and tokens[i].region < 0 and (_belongs(tokens[i]) or (i and _abbreviates(tokens[i - 1 : i + 1]))):
        i -= 1
    if i < 0 or tokens[i].mark or tokens[i].region >= 0 or not tokens[i].word:
        return "(" if i >= 0 and tokens[i].text == "(" else ""
    return tokens[i].low


def _belongs(token: Token) -> bool:
    """A title, role or other word that may stand before a name: also every capital."""
    low = token.low.rstrip(".")
    return low not in CLAUSE_WORDS and (
        token.capital or low in TITLES or low in ROLE_HEADS or low in MODIFIERS or low == "the"
    )


def _abbreviates(pair: tuple[Token, ...]) -> bool:
    """'Sen.': a full stop that ends no sentence."""
    return pair[1].text == "." and pair[0].capital
