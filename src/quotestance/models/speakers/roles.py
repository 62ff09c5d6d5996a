"""Whom a role means, "the senator", "the Israeli leader": its bearer, else someone of whom nothing else is known."""

from __future__ import annotations

import re

from quotestance.data.records import Span
from quotestance.models.language.word_tables import word_set
from quotestance.models.speakers.antecedents import Antecedents
from quotestance.models.speakers.cast import Cast, Entity
from quotestance.models.speakers.person_names import BEHIND_NOUNS, Mention
from quotestance.models.speakers.person_words import COUNTRY_ADJECTIVES, OTHERS, PEOPLES
from quotestance.models.speakers.spelling import WORD, unpossessive

THE = re.compile(r"(?:the|this|that)\s", re.IGNORECASE)
OFFICE = re.compile(r"\bsecretary of [a-z]+", re.IGNORECASE)  # what stands behind this "of" belongs to the office
# words that make another office of the same noun
OFFICES = word_set("prime vice deputy foreign finance interior defense defence justice home attorney major brigadier")
# words by which anyone who bears a role may be described
UNTELLING = word_set("""
    the this that a an and current former longtime veteran outspoken embattled presidential late young old elder new
    senior top then now first-term
""")
AGE = re.compile(r"\d+-year-old")
OF_COUNTRIES = (PEOPLES - {"democrat", "republican", "libertarian", "independent"}) | word_set(
    "saudi turkish egyptian lebanese palestinian ukrainian indian pakistani australian polish swedish dutch"
)
EXECUTIVES = "president minister premier chancellor"
CAMPAIGN = word_set("candidate nominee frontrunner front-runner hopeful contender")
WRITERS = word_set("author writer journalist reporter columnist editor scholar historian")
BUSINESS = word_set("businessman businesswoman mogul tycoon billionaire founder owner executive realtor")
# a role -> roles for which it is another word
ANOTHER_WORD: dict[str, frozenset[str]] = {
    "leader": word_set(
        f"{EXECUTIVES} king queen monarch prince ayatollah chairman chairwoman chair head chief speaker"
    ),
    "head": word_set("director chairman chairwoman chair chief executive leader"),
    "politician": word_set(f"{EXECUTIVES} senator congressman congresswoman governor mayor lawmaker") | CAMPAIGN,
    "official": word_set("minister secretary commissioner director deputy ambassador undersecretary"),
    "diplomat": word_set("ambassador envoy minister secretary"),
    "lawyer": word_set("attorney prosecutor"),
    **dict.fromkeys(CAMPAIGN, CAMPAIGN),
    **dict.fromkeys(WRITERS, WRITERS),
}
# what anyone may be besides
ATTRIBUTES = BUSINESS | word_set("""
    man woman lady gentleman father mother son daughter wife husband brother sister widow veteran celebrity star icon
    hero winner opponent rival friend conservative liberal democrat republican independent libertarian socialist texan
    floridian vermonter
""")


class Roles:
    """Tells whom a role means, by what the article says of its people and who spoke before."""

    def __init__(self, cast: Cast, antecedents: Antecedents) -> None:
        self.cast = cast
        self.antecedents = antecedents

    def bearer(self, read: Mention, mention: Span) -> Entity | None:
        """Whom the role means; None where nobody of whom the article says it, or may say it, is the one."""
        head = next(iter(read.roles))
        bearers = [one for one in self.cast.bearers_of(head) if one.fits(read.gender)]
        modifiers = frozenset(low for low in read.words - {head} if not AGE.match(low))
        if modifiers:
            fitting = [one for one in bearers if modifiers & one.roles[head]]
            proper = any(re.search(rf"\b{re.escape(low.capitalize())}", mention.text) for low in modifiers)
            others = proper or bool(modifiers & (OFFICES | OF_COUNTRIES))
            bearers = fitting or ([] if others else bearers)
            if len(bearers) > 1 and not fitting:
                return None
        if not bearers and THE.match(mention.text) and head not in OTHERS:
            return self._another_word(head, read, mention)
        before = [one for one in bearers if one.places and one.places[0] < mention.start]
        return before[0] if len(before) == 1 else self._latest_of(before, mention, read.gender)

    def _another_word(self, head: str, read: Mention, mention: Span) -> Entity | None:
        """A role that nobody bears: another word for who shares its modifiers, else for whoever was spoken of just before.

        That one may have no other role. Modifiers that nothing says of them ("the Vermont senator") leave only the one whom the
        article is about; a country ("the Israeli leader") or what stands behind a preposition ("of Harvard") leaves nobody.
        """
        telling = _telling(mention.text, head)
        if telling:
            sharing = [
                one
                for one in self.cast.with_words(telling)
                if _may_be(one, head) and one.fits(read.gender) and one.places[0] < mention.start
            ]
            if sharing:
                return sharing[0] if len(sharing) == 1 else self._latest_of(sharing, mention, read.gender)
        latest = self.antecedents.person(mention.start)
        if latest and not latest.fits(read.gender):
            latest = self.antecedents.dominating(read.gender)
        if latest is None or not _may_be(latest, head) or _is_tied(mention.text, head, telling):
            return None
        return latest if not telling or self.antecedents.is_hero(latest) else None

    def _latest_of(self, candidates: list[Entity], mention: Span, gender: str) -> Entity | None:
        """Of several who bear the role, the one that was spoken of last."""
        latest = self.antecedents.person(mention.start, gender) if candidates else None
        return latest if any(one is latest for one in candidates) else None


def _may_be(one: Entity, head: str) -> bool:
    """Whether nothing that is said of someone speaks against the role."""
    against = one.roles.keys() - ATTRIBUTES
    if head in against:
        return True
    return not against or head in ATTRIBUTES - PEOPLES or bool(against & ANOTHER_WORD.get(head, frozenset()))


def _telling(words: str, head: str) -> frozenset[str]:
    """The words of a description that tell its bearer from others who have the role, in lower case."""
    lows = [unpossessive(word.lower()) for word in WORD.findall(OFFICE.sub("secretary", words))]
    told = (COUNTRY_ADJECTIVES.get(low, low) for low in lows if low not in UNTELLING | BEHIND_NOUNS | {head})
    return frozenset(low for low in told if not AGE.match(low))


def _is_tied(words: str, head: str, telling: frozenset[str]) -> bool:
    """Whether a description names a country, an office or, behind a preposition, what the bearer belongs to."""
    lows = [word.lower() for word in WORD.findall(OFFICE.sub("secretary", words))]
    behind = lows[lows.index(head) + 1 :][:1] if head in lows else []
    return bool(telling & (OFFICES | OF_COUNTRIES)) or bool(BEHIND_NOUNS & set(behind))
