"""The words that report speech, thought and judgement, with what may follow each: tables, and their inflected forms.

The groups were chosen by how often a word with a given follower marks an attribution in PolNeAR train.
"""

from __future__ import annotations

from dataclasses import dataclass

from quotestance.models.language.word_tables import word_set

# letters of a frame: what may follow the verb as content
#   c a clause without "that", or a noun phrase     t a clause with "that"     w how, what, whether, why …
#   i "to" and an infinitive     n a noun phrase only     o someone spoken to, then a clause or an infinitive
#   q the verb may stand beside words in quotation marks ("…," she smiled)
FRAMES: dict[str, str] = {
    "ctwiq": """say write add note announce suggest argue explain tweet declare claim report reveal state insist warn acknowledge
        admit predict conclude reply respond recall joke boast concede stress emphasize emphasise underline remark assert
        maintain contend allege confirm observe lament complain caution quip muse post reiterate repeat recount
        affirm proclaim""",
    "tq": "continue answer testify counter retort counsel rejoin interject shout yell chant cry exclaim whisper mutter sigh laugh begin read",
    "ctw": "think believe suspect speculate guess figure reckon fear imply indicate deny estimate show find demonstrate",
    "ctwi": "hope promise vow pledge agree expect swear",
    "tw": "learn realize realise recognize recognise know doubt wonder remember understand discover decide determine imagine assume rule",
    "otwq": "tell remind assure inform ask",
    "oiq": "urge",
    "oi": "encourage advise persuade convince press challenge order",
    "i": "want decline refuse seek plan threaten intend prefer opt aim appear seem",
    "cnq": "call",
    "nctq": "cite mention highlight",
    "n": """criticize criticise endorse praise accuse describe defend support oppose question reject dismiss denounce condemn attack
        blame blast mock slam applaud welcome express propose offer back favor favour hail tout thank echo decry portray
        identify discuss invoke reference retweet quote name list label dub compare liken assail lambast lambaste bash
        rip rebuke deride disavow disparage repudiate champion nominate label advocate demand request recommend
        outline unveil disclose detail voice view regard consider deem want love hate dislike admire
        criticise chide scold castigate excoriate pan trash ridicule taunt bemoan downplay forecast protest celebrate congratulate
        issue embrace credit rebut refute ignore prefer charge commend laud salute extol rue regret relish lampoon
        urge seek approve""",
}
# verb -> the particles and prepositions that make a reporting phrase of it; the content follows
PHRASES: dict[str, str] = {
    "call": "for on",
    "talk": "about up",
    "speak": "about of out",
    "refer": "to",
    "point": "to out",
    "warn": "of against about",
    "rail": "against",
    "complain": "about",
    "vote": "for against",
    "lash": "out",
    "side": "with",
    "joke": "about",
    "boast": "of about",
    "allude": "to",
    "hint": "at",
    "apologize": "for",
    "apologise": "for",
    "comment": "on",
    "agree": "with on",
    "push": "for back",
    "care": "about",
    "worry": "about",
    "argue": "for against in",
    "insist": "on",
    "dream": "of",
    "ask": "about for",
    "hope": "for",
    "brush": "off",
    "rule": "out",
    "lay": "out",
    "play": "down up",
    "touch": "on",
    "focus": "on",
    "disagree": "with on",
    "caution": "against",
    "inveigh": "against",
    "weigh": "in",
    "respond": "to",
    "react": "to",
    "brag": "about",
    "fret": "about",
    "hit": "out",
    "rave": "about",
    "tweet": "about out",
    "testify": "about to",
    "campaign": "for",
    "advocate": "for",
    "approve": "of",
    "disapprove": "of",
    "believe": "in",
    "think": "of about",
    "describe": "as",
    "say": "of about",
    "write": "of about",
    "know": "about of",
    "harp": "on",
    "bring": "up",
    "single": "out",
    "read": "from",
    "write off": "",
    "hold": "out",
    "bank": "on",
    "count": "on",
    "plead": "with for",
    "stand": "by with",
    "wish": "for",
}
# adjectives and participles after a form of "be" (or alone after a comma), with what follows
STATES: dict[str, str] = {
    "expected": "i",
    "afraid": "tp:of",
    "aware": "tp:of",
    "concerned": "tp:about",
    "worried": "tp:about",
    "confident": "tp:in",
    "convinced": "tp:of",
    "sure": "tw",
    "certain": "tc",
    "hopeful": "tp:about",
    "optimistic": "tp:about",
    "skeptical": "tp:of",
    "wary": "p:of",
    "critical": "p:of",
    "supportive": "p:of",
    "eager": "i",
    "reluctant": "i",
    "angry": "tp:about",
    "proud": "tp:of",
    "clear": "tw",
    "adamant": "t",
    "frustrated": "t",
    "glad": "ti",
    "inclined": "i",
    "willing": "i",
    "tired": "p:of",
    "opposed": "p:to",
    "surprised": "t",
    "grateful": "tp:for",
    "mindful": "p:of",
    "nervous": "p:about",
    "angered": "p:by",
    "impressed": "p:by",
    "committed": "p:to",
    "excited": "p:about",
}
# nouns that report, with "that" or a preposition
NOUNS: dict[str, str] = {
    "claim": "t",
    "assertion": "t",
    "suggestion": "t",
    "belief": "t",
    "statement": "t",
    "accusation": "tp:of",
    "allegation": "tp:of",
    "complaint": "tp:about",
    "concern": "tp:about",
    "fear": "tp:of",
    "doubt": "tp:about",
    "criticism": "p:of",
    "hope": "t",
    "promise": "ti",
    "pledge": "ti",
    "vow": "ti",
    "opinion": "t",
    "view": "t",
    "argument": "t",
    "notion": "t",
    "contention": "t",
    "idea": "t",
    "confidence": "t",
    "conclusion": "t",
    "warning": "t",
    "speculation": "t",
    "question": "p:about",
    "opposition": "p:to",
    "support": "p:for",
    "endorsement": "p:of",
    "denunciation": "p:of",
    "condemnation": "p:of",
    "praise": "p:for",
    "call": "p:for",
    "insistence": "t",
    "admission": "t",
    "assumption": "t",
    "theory": "t",
    "skepticism": "tp:about",
    "refusal": "i",
    "decision": "i",
    "sense": "t",
    "attack": "p:on",
    "desire": "i",
    "proposal": "i",
}
PAST: dict[str, tuple[str, ...]] = {
    "say": ("said",),
    "write": ("wrote", "written"),
    "think": ("thought",),
    "know": ("knew", "known"),
    "find": ("found",),
    "tell": ("told",),
    "show": ("showed", "shown"),
    "understand": ("understood",),
    "see": ("saw", "seen"),
    "seek": ("sought",),
    "begin": ("began",),
    "read": ("read",),
    "swear": ("swore", "sworn"),
    "speak": ("spoke", "spoken"),
    "lay": ("laid",),
    "bring": ("brought",),
    "hit": ("hit",),
    "hold": ("held",),
    "stand": ("stood",),
    "rip": ("ripped",),
    "pan": ("panned",),
    "slam": ("slammed",),
    "quip": ("quipped",),
    "brag": ("bragged",),
    "admit": ("admitted",),
    "plan": ("planned",),
    "refer": ("referred",),
    "dub": ("dubbed",),
    "opt": ("opted",),
    "rebut": ("rebutted",),
    "prefer": ("preferred",),
    "regret": ("regretted",),
    "slap": ("slapped",),
    "bet": ("bet",),
    "retweet": ("retweeted",),
    "extol": ("extolled",),
    "learn": ("learned", "learnt"),
    "dream": ("dreamed", "dreamt"),
    "fret": ("fretted",),
}
DOUBLED = frozenset(word for word, forms in PAST.items() if forms[0].endswith("ed") and len(forms[0]) == len(word) + 3)
# forms that are nouns more often than verbs: they need a subject right before them
OFTEN_NOUNS = word_set("""
    claim claims report reports state states call calls support supports attack attacks question questions view
    views hope hopes promise promises plan plans fear fears doubt doubts vow vows pledge pledges tweet tweets
    post posts note notes show shows estimate estimates demand demands request requests praise name names list
    lists quote quotes offer offers back backs address addresses favor favors boast boasts find finds read reads
    mock order orders challenge challenges press aim aims label labels share shares issue issues release
    releases credit charge charges see like likes love want blame vote votes talk talks point points focus
    comment comments stress joke jokes warning recall respond appeal welcome sign signs rip protest protests
    reference ask figure guess
""")


@dataclass(frozen=True)
class Cue:
    """One form of a reporting word. `form`: base, s, past or ing. `frame`: letters of `FRAMES`; `phrases`: prepositions after it."""

    lemma: str
    form: str
    frame: str
    phrases: frozenset[str] = frozenset()

    @property
    def speech(self) -> bool:
        """May it stand beside words in quotation marks?"""
        return "q" in self.frame


def _forms(lemma: str) -> dict[str, str]:
    stem = lemma[:-1] if lemma.endswith("e") else lemma + lemma[-1] if lemma in DOUBLED else lemma
    sibilant = lemma.endswith(("s", "sh", "ch", "x", "z"))
    vowel_y = lemma.endswith("y") and lemma[-2] not in "aeiou"
    third = lemma + "es" if sibilant else lemma[:-1] + "ies" if vowel_y else lemma + "s"
    past = PAST.get(lemma, (lemma[:-1] + "ied" if vowel_y else stem + "ed",))
    gerund = lemma + "ing" if lemma in ("see", "agree", "disagree") else stem + "ing"
    return {lemma: "base", third: "s", gerund: "ing", **dict.fromkeys(past, "past")}


def _verbs() -> dict[str, Cue]:
    frames: dict[str, str] = {}
    for frame, words in FRAMES.items():
        for word in words.split():
            frames[word] = frames.get(word, "") + frame
    for word in PHRASES:
        frames.setdefault(word, "")
    table: dict[str, Cue] = {}
    for lemma, frame in frames.items():
        if " " in lemma:
            continue
        for form, kind in _forms(lemma).items():
            table.setdefault(form, Cue(lemma, kind, frame, frozenset(PHRASES.get(lemma, "").split())))
    return table


VERBS: dict[str, Cue] = _verbs()
