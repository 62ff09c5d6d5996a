"""The words of a speaker mention into what they name: a person's name without honorifics, a role, an organisation, a pronoun."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from quotestance.models.word_tables import word_set

MentionKind = Literal["person", "role", "organisation", "pronoun", "group", "empty"]

PRONOUNS: dict[str, str] = {
    "he": "male",
    "him": "male",
    "his": "male",
    "himself": "male",
    "she": "female",
    "her": "female",
    "hers": "female",
    "herself": "female",
    "they": "many",
    "them": "many",
    "their": "many",
    "it": "thing",
    "its": "thing",
    "who": "relative",
    "which": "relative",
    "that": "relative",
    "i": "writer",
    "we": "writer",
    "me": "writer",
    "my": "writer",
    "our": "writer",
    "us": "writer",
    "you": "writer",
    "your": "writer",
}
# a title or honorific before a name -> the role nouns that may stand for its bearer ("the cleric")
TITLES: dict[str, str] = {
    "mr": "man",
    "mrs": "woman",
    "ms": "woman",
    "miss": "woman",
    "madam": "woman",
    "sir": "",
    "dame": "woman",
    "lord": "peer",
    "lady": "woman",
    "dr": "doctor physician surgeon",
    "prof": "professor",
    "professor": "professor",
    "sen": "senator lawmaker",
    "senator": "senator lawmaker",
    "sens": "senator",
    "rep": "congressman congresswoman representative lawmaker",
    "reps": "lawmaker",
    "representative": "congressman congresswoman representative lawmaker",
    "congressman": "congressman lawmaker",
    "congresswoman": "congresswoman lawmaker",
    "gov": "governor",
    "governor": "governor",
    "president": "president",
    "mayor": "mayor",
    "minister": "minister",
    "secretary": "secretary",
    "speaker": "speaker",
    "chancellor": "chancellor",
    "premier": "premier",
    "ayatollah": "cleric ayatollah",
    "hojatoleslam": "cleric",
    "imam": "cleric imam",
    "sheikh": "cleric sheikh",
    "mullah": "cleric",
    "rev": "pastor reverend minister",
    "reverend": "pastor reverend minister",
    "pastor": "pastor",
    "pope": "pope pontiff",
    "bishop": "bishop",
    "archbishop": "archbishop",
    "cardinal": "cardinal",
    "rabbi": "rabbi",
    "father": "priest",
    "gen": "general",
    "general": "general",
    "col": "colonel",
    "colonel": "colonel",
    "maj": "major",
    "major": "major",
    "lt": "lieutenant",
    "capt": "captain",
    "captain": "captain",
    "sgt": "sergeant",
    "sergeant": "sergeant",
    "adm": "admiral",
    "admiral": "admiral",
    "cmdr": "commander",
    "commander": "commander",
    "king": "king monarch",
    "queen": "queen monarch",
    "prince": "prince",
    "princess": "princess",
    "judge": "judge",
    "justice": "justice judge",
    "officer": "officer",
    "chief": "chief",
    "sheriff": "sheriff",
    "attorney": "attorney lawyer",
    "ambassador": "ambassador",
    "director": "director",
    "chairman": "chairman",
    "chairwoman": "chairwoman",
    "leader": "leader",
    "spokesman": "spokesman",
    "spokeswoman": "spokeswoman",
    "spokesperson": "spokesperson",
    "ceo": "chief executive",
    "coach": "coach",
    "nominee": "nominee candidate",
    "candidate": "candidate",
    "councilman": "councilman",
    "councilwoman": "councilwoman",
    "del": "delegate",
    "hon": "",
    "commissioner": "commissioner",
    "adviser": "adviser",
    "advisor": "advisor",
    "strategist": "strategist",
    "host": "host",
    "pollster": "pollster",
    "manager": "manager",
    "analyst": "analyst",
    "moderator": "moderator",
    "economist": "economist",
    "anchor": "anchor",
    "first": "",
    "lady's": "",
    "seyed": "",
    "seyyed": "",
    "sayyid": "",
    "sayed": "",
    "hajj": "",
    "haj": "",
    "hossein's": "",
    "mp": "lawmaker",
    "cpl": "corporal",
    "corporal": "corporal",
    "pvt": "private",
    "pfc": "private",
    "spc": "specialist",
    "specialist": "specialist",
    "class": "",
    "ret": "",
    "deputy": "deputy",
    "detective": "detective officer",
    "trooper": "trooper officer",
    "lieutenant": "lieutenant officer",
    "superintendent": "superintendent",
    "treasurer": "treasurer",
    "comptroller": "comptroller",
    "assemblyman": "assemblyman lawmaker",
    "assemblywoman": "assemblywoman lawmaker",
    "assemblymember": "lawmaker",
    "alderman": "alderman",
    "delegate": "delegate",
    "undersecretary": "undersecretary",
    "czar": "czar",
    "sister": "sister nun",
    "brother": "brother",
    "mother": "mother",
    "evangelist": "evangelist preacher",
    "journalist": "journalist reporter",
    "reporter": "reporter",
    "columnist": "columnist",
    "author": "author writer",
    "editor": "editor",
    "activist": "activist",
}
FEMALE_TITLES = word_set("""
    mrs ms miss madam dame lady queen princess congresswoman chairwoman spokeswoman councilwoman woman
""")
MALE_TITLES = word_set("""
    mr sir lord king prince congressman chairman spokesman councilman ayatollah pope father man imam cardinal
    bishop hojatoleslam mullah businessman
""")
# words that make a run of capitals an organisation, document or place
ORGANISATIONS = word_set("""
    times post news press journal tribune herald guardian reuters committee party council university college
    department ministry center centre foundation institute institution association union court senate house
    congress parliament agency administration bureau campaign group company corporation corp inc bank fund
    organization organisation federation league commission board office service church police assembly army
    village town county island valley tower towers plaza hotel heights estates airport bridge avenue boulevard
    states nations kingdom republic network television watch radio magazine observer poll survey act bill coalition
    convention debate project initiative movement caucus conference trust hospital museum library club media research
    security affairs defense fox monitor review digest action majority crossroads priorities tour airlines motors
    technologies systems partners ventures capital holdings academy authority chamber tribe nation coast guard
    alliance team society watch force guard reserve treasury pentagon kremlin facebook twitter google cnn nbc abc cbs
    msnbc politico breitbart huffington wikileaks politifact quinnipiac bloomberg gallup fbi cia nsa epa irs doj
    isis nato un eu us uk gop dnc rnc pac washington tehran moscow beijing brussels america iran russia china
    israel iraq syria mexico britain france germany
""")
GROUPS = word_set("""
    democrats republicans liberals conservatives officials sources critics experts supporters voters analysts
    lawmakers people americans iranians russians advocates activists protesters observers scholars economists
    leaders aides advisers lawyers reporters prosecutors researchers authorities investigators senators polls
    studies documents others many some most several few both those
""")
ROLE_HEADS = frozenset(word for roles in TITLES.values() for word in roles.split()) | word_set("""
    lawmaker cleric billionaire businessman businesswoman mogul candidate nominee frontrunner front-runner head
    official spokesman spokeswoman spokesperson author writer journalist reporter founder owner executive actor
    actress singer activist lawyer attorney aide adviser advisor veteran scholar teacher student politician
    statesman diplomat envoy scientist expert historian farmer leader chief director chairwoman chair
    chairperson editor columnist prosecutor defendant victim witness mother father son daughter wife husband
    brother sister widow niece nephew democrat republican libertarian independent socialist vermonter texan
    floridian new-yorker conservative liberal realtor contractor analyst strategist pollster operative narrator
    lieutenant vice-president premier pontiff monarch
""")
# people who are told by no role
PERSON_NOUNS = word_set("""
    man woman boy girl child kid person guy lady gentleman teenager caller resident voter neighbor friend colleague
    supporter protester demonstrator attendee heckler mogul tycoon hopeful contender rival opponent winner hero
    celebrity star star's comedian musician rapper filmmaker producer blogger preacher evangelist priest nun
    immigrant refugee soldier veteran nurse engineer refugee migrant survivor
""")
# whom "the voter" means is not whoever was spoken of
ANYONE = word_set("""
    person guy resident voter neighbor friend colleague supporter protester demonstrator attendee heckler caller kid
    child immigrant refugee migrant teenager
""")
# of a people or party: "one Canadian", "31 Latinos" are no names
PEOPLES = word_set("""
    american canadian mexican iranian russian british israeli syrian iraqi german french italian spanish chinese
    japanese african european asian latino latina hispanic muslim christian jew jewish catholic evangelical
    democrat republican libertarian independent texan floridian californian ohioan georgian virginian briton
""")
PARTICLES = word_set("""
    de van von der den al el bin ibn la le di da du dos ben abu st
""")
SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
NOT_NAMES = word_set("""
    the a an but and in on at for if it he she they we i as this that these those when while after before so
    then now yet or his her their our my your its monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december democratic republican
    american iranian russian british french german israeli islamic supreme former u.s u.s. us gop new north
    south east west white black state federal national international today yesterday said former what who why
    how there here not no yes one two three some many most mr mrs ms is was are has have had will would can could
    should must may might says say despite because although since until unless while with from by about into let
    everyone everybody someone somebody anyone anybody nobody another others
    also even just only still yet to of our like unlike given around behind against between during
""")
MALE = word_set("""
    donald barack bill john mike michael david james robert paul ted marco ben bernie jeb chris george mitt tim
    joe rand jim tom thomas richard william charles joseph daniel mark steven steve stephen andrew ken kenneth
    kevin brian gary larry jeff jeffrey scott eric ryan jacob jonathan justin frank gregory greg raymond samuel
    patrick alexander jack dennis jerry tyler aaron jose adam nathan henry peter kyle walter ethan jeremy harold
    keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan bruce albert
    harry lindsey rudy rudolph newt reince paul ali ahmad mohammad muhammad hassan hossein javad vladimir xi
    angelo boris benjamin lester anderson sebastian rush glenn alex matt matthew anthony tony barry norman alan
    dan dick doug douglas ed edward evan fred graham joel karl len luis martin max nate neil oscar philip phil
    ralph randy ron ronald roy russell sam stuart todd vincent wayne rick bob bobby mitch harry robby corey
    aidan alberto alejandro alfonso alfred alonzo alvin amos andre andres andreas andy antonio archie armando arnold
    arturo barney bart benedict benny bernard bert blake boyd brad bradley brandon brendan brent brett bruno bryant
    byron caleb calvin cameron carlos carlton cecil cesar chad charlie chester chuck clarence claude clay clayton
    clifford clint clyde cody colin conor cornelius cory craig curtis cyrus damon danny darrell darren daryl dave
    denis derek derrick devin diego dmitry don donnie donovan drew duane dustin dwayne dwight eddie edgar eduardo
    edwin eli elias elijah elliot elliott elmer emanuel emilio emmanuel enrique ernest ernesto ernie erik ernst
    esteban eugene felipe felix fernando finn florent floyd francis francisco franco franklin franz freddie
    frederick gabriel gabe garrett gavin gene geoff geoffrey giorgio glen gordon gustavo hank hans harlan harvey
    hector herb herbert herman homer horace howard hubert hugh hugo ian ibrahim ignacio igor ira irving isaac ismail
    ivan jaime jake jamal jared jason javier jay jean-claude jeffery jerome jess jimmie jimmy joaquin joey johnny
    johnnie jon jonah jonas jonathon jorge josh joshua juan judd julian julio julius karim kelvin kenny kent khizr
    kirk klaus kurt lamar lance lars leo leon leonard leroy lewis lloyd logan lonnie lorenzo lou louie louis lowell
    luca lucas luke luther lyle lyndon mahmoud malcolm manny manuel marc marcel marcus mario marlon marty marvin mat
    mathew mauricio maurice maury melvin micah mickey miguel mikhail miles milton mitchell mo mohamed mohammed
    morris moses murray myron ned nelson nicholas nick nicolas nigel nolan norm ollie omar orlando orrin otto owen
    pablo pedro percy perry pete phillip pierre preston quentin quincy rafael raj ramon ramzi randall randolph raul
    reggie reginald rene rex ricardo ricky rob robbie roberto rod roderick rodney rodrigo rohan roland rolando roman
    ronnie ross ruben rufus russ salvador salvatore sammy sanjay santiago saul seth shane shaun shawn sherrod sid
    sidney simon stan stanley stefan stephan stu sylvester tariq teddy terrence theo theodore tobias toby tommy
    travis trent trevor tristan troy ty van vance vern vernon vic victor vince vito wade walt warren wendell wesley
    wilbur wiley willard willie winston xavier yusuf zach zachary zachery zack zeke
""")
FEMALE = word_set("""
    hillary mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret
    sandra ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon
    cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra
    rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren
    christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann anne sara
    madison frances kathryn janice jean alice melania ivanka kellyanne carly loretta huma tiffany chelsea
    condoleezza ruth sonia elena theresa marine aung dianne claire kirsten tulsi alicia monica gennifer paula
    juanita megyn kate katie jill jane julia katrina madeleine meg molly wendy sally rosie robin regina
    abby abigail adele adriana agnes aimee alana alexandra alexis alison allison alma alyssa amelia anastasia
    angelina anita annabel annette annie antoinette arlene ashlee audrey barbra beatrice becky bella bernadette
    bernice bertha beth bethany betsy beverly billie bonnie brandi brianna bridget brittany caitlin camille candace
    candice carla carmen carole caroline carrie cassandra cassie cathy cecilia celeste charlene cheri chloe christie
    christy cindy clara claudia colleen connie constance corinne courtney cristina daniela danielle daphne darla
    darlene deanna debbie deb deirdre delia denise dina dolores dominique dora doris dorothy edith edna eileen
    elaine eleanor elisa elise elisabeth ella ellen ellie eloise elsa erica erika erin esmeralda estelle esther
    ethel eugenia eva evangeline fatima felicia fiona francesca gabby gabriela gabrielle gail geraldine gertrude
    gillian gina ginny glenda greta gretchen gwen gwendolyn hala haley hallie harriet hattie hazel heidi henrietta
    hilda holly ilana ilene imani ingrid irene irma isabel isabella jackie jacquelyn jaclyn jan jana janelle janine
    jasmine jeanette jeanne jeannie jen jenna jennie jenny jessie jo joann joanna joanne jocelyn jodi josephine
    josie juana judy juliana juliet kara karin karina karla kathie kathy katharine katy kay kayla keisha kelli
    kellie kendra kim krista kristen kristi kristin kristina kristine kristy lana latoya laurel laurie lauri leah
    leigh lena leticia lillian lily liz liza lois lola lora lori lorraine louise lucia lucille lucy luisa lydia
    lynda lynn lynne mabel mackenzie maggie mallory mandy marcia margarita margie margot marguerite mariah marian
    marianne marie marilyn marissa marjorie marlene marsha marta maryann mattie maureen maxine maya meghan melinda
    mercedes meredith mia michele mildred millie mimi mindy miranda miriam muriel myra nadia nadine naomi natalia
    natalie natasha nellie nell nichole nina noel noelle nora norma olga paige pam patsy patti patty paulette
    pauline peggy penelope phyllis polly priscilla rachael ramona raquel rebekah renee rhoda rhonda rita roberta
    rochelle rosa rosalie rosalind rosanne rosemary roxanne sabrina sadie selena serena shari sheila shelby shelley
    shelly sheri sherri sherry sheryl silvia simone sofia sonya sophia sophie stacey staci stacy stella sue susana
    susanna susanne suzanne suzy sylvia tabitha tamara tami tammy tania tanya tara tasha tatiana terri tess thelma
    tina toni tonya tracey traci tracy tricia trina trish trudy ursula valerie vanessa vera verna vicki vickie vicky
    viola vivian wanda whitney wilma winifred yolanda yvette yvonne zoe
""")
# first names that tell no gender
EITHER = word_set("""
    leslie lindsay dana jordan jamie casey jody marion morgan loren shannon pat robin kerry angel alexis clark davis
    harris spencer ray avery drew quinn riley taylor sam alex chris
""")
FIRST = MALE | FEMALE | EITHER
REMEMBERED = 20_000  # words whose folded forms are kept
LONGEST_NAME = 4  # words
NEXT_WORDS = 3  # behind the head in which a title still tells the gender: "Lee, chairwoman of …"
PARTIES = word_set(
    "democratic republican american iranian russian british french german israeli former"
)  # tell two bearers of a role apart
# words before a mention that are no part of it
FOCUS = re.compile(
    r"^(?:(?:even|only|also|just|not|not even|including|perhaps|especially|particularly|like|how many|there (?:is|are)(?: no)?"
    r"|according to|while|when|as|but|and|on|by|from)\s+)+(?=\S)",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b(?:called|named|dubbed|known as)\s+(?:the\s+)?[\"“‘']?[A-Z]")
PRIZED = re.compile(r"[A-Z]\w+ [Oo]f [A-Z]\w+ (\w+)$")
HEAD_END = re.compile(r",| [—–(]|\(| (?:who|which|that|whom|whose) ")
BEFORE_OWNERS = frozenset(["about", "against", "behind", "between", "like", "around", "of", "for", "at", "from", "in", "the", "by", "with", "to", "on", "and", "&"])
BETWEEN_OWNERS = frozenset(TITLES) | ROLE_HEADS | {"former", "then", "democratic", "republican", "late"}
QUANTITIES = word_set("many some most several few two three all both other these those young older")
OF_ORGANISATIONS = word_set("black white new north south east west national federal state international first")
NOUNS_IN_LY = word_set("tally family rally ally assembly supply reply bully monopoly anomaly weekly monthly")
DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
BEHIND_NOUNS = word_set("of for at from in with on to by about against among within representing")
WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")


@dataclass(frozen=True)
class Mention:
    """What a mention says: the name's words, the title's role nouns, a role head with the other words of the description, the gender."""

    kind: MentionKind
    name: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    words: frozenset[str] = field(default=frozenset())
    gender: str = ""

    @property
    def surname(self) -> str:
        return folded(family(self.name)) if self.name else ""


def read_mention(text: str) -> Mention:
    """What `text`, the words of a speaker mention, names. Never raises."""
    text = FOCUS.sub("", text.strip())
    words = [unpossessive(word) for word in WORD.findall(text)]
    if not words:
        return Mention("empty")
    lows = [word.lower().rstrip(".") for word in words]
    if len(words) == 1 and lows[0] in PRONOUNS:
        return Mention("pronoun", gender=PRONOUNS[lows[0]])
    head = HEAD_END.split(text, maxsplit=1)[0]
    gender = _gender_of_title(lows[: len(WORD.findall(head)) + NEXT_WORDS])
    roles = frozenset(role for low in lows if low in TITLES for role in TITLES[low].split()) | (
        frozenset(lows) & ROLE_HEADS
    )
    content = described_by(lows)
    name = _name_before_preposition(head) or _name(head) or _name_in_apposition(text, head)
    if len(name) > 1 and not gender:
        gender = "male" if folded(name[0]) in MALE else "female" if folded(name[0]) in FEMALE else ""
    if len(name) == 1 and lows[0] in QUANTITIES and name[0].endswith("s"):  # "Many Millennials"
        return Mention("group", words=content)
    if name:
        return Mention("person", name, roles, content, gender if gender != "thing" else "")
    if any(low in GROUPS for low in lows[:2]) or _role_head(head) in GROUPS:
        return Mention("group", words=content)
    if role := _role(head):
        return Mention("role", (), frozenset([role]), content, gender)
    body = _without_article([unpossessive(_dotted(word)) for word in WORD.findall(head)] or words)
    if _only_described(head, body):
        return Mention("group", words=content)
    if match := CALLED.search(head):
        body = [unpossessive(word) for word in WORD.findall(head[match.end() - 1 :])]
    body = _without_adverbs(body)
    if any(word[0].isupper() for word in body[1:]) or (body[0][0].isupper() and body[0].lower() not in NOT_NAMES):
        return Mention("organisation", _from_first_capital(body), words=content)
    return Mention("group", words=content)


def described_by(lows: Iterable[str]) -> frozenset[str]:
    """The words of a description that tell its bearer from another."""
    return frozenset(low for low in lows if (len(low) > 2 and low not in NOT_NAMES) or low in PARTIES)


def best_name(variants: list[tuple[str, ...]]) -> str:
    """The fullest of a person's names, without middle initials and honorifics."""

    def weight(name: tuple[str, ...]) -> tuple[int, int]:
        plain = _plain(name)
        bare = sum(word.lower().rstrip(".") not in SUFFIXES for word in plain)
        return (min(bare, 3), -len(plain))

    return " ".join(_plain(max(variants, key=weight))) if variants else ""


def _plain(name: tuple[str, ...]) -> tuple[str, ...]:
    plain = tuple(word for i, word in enumerate(name) if not (0 < i < len(name) - 1 and len(word.rstrip(".")) == 1))
    return plain or name


def names_organisation(run: list[str]) -> bool:
    """Whether a run of capitals has a word of organisations; a first name before another word ("Bill", "Virginia") is none."""
    lows = [word.lower() for word in run]
    if len(run) > 1 and lows[0] in FIRST:
        lows = lows[1:]
    return any(low in ORGANISATIONS for low in lows)


def person_start(run: list[str]) -> int:
    """Where the person begins in a run of capitals such as 'Writers Union Ann Lee': behind the organisation's last word.

    In a run too long for a name, at the last first name.
    """
    last = max(
        (i for i, word in enumerate(run) if word.lower() in ORGANISATIONS and word.lower() not in FIRST), default=-1
    )
    behind = run[last + 1 :]
    if len(behind) > 1 and folded(behind[0]) in FIRST:
        return last + 1
    if last < 0 and len(run) >= LONGEST_NAME and folded(run[0]) not in FIRST:  # 'Ku Klux Klan Grand Wizard Ann Lee'
        return next((i for i in range(len(run) - 3, len(run) - 1) if folded(run[i]) in FIRST), 0)
    return 0


def family(name: tuple[str, ...]) -> str:
    """The last word of the name that is no suffix."""
    for word in reversed(name):
        if word.lower().rstrip(".") not in SUFFIXES:
            return word
    return name[-1]


@lru_cache(maxsize=REMEMBERED)
def folded(word: str) -> str:
    """Lower case without accents, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("’", "'"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).rstrip(".")


def same_spelling(left: str, right: str) -> bool:
    """Equal, or one letter doubled, dropped or changed in a word of five or more: Khamenei, Khamenei; Seyed, Seyyed."""
    a, b = folded(left), folded(right)
    if a == b:
        return True
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or a[0] != b[0] or a.endswith("s") != b.endswith("s"):
        return False
    if len(a) == len(b):
        return len(a) > 5 and sum(x != y for x, y in zip(a, b, strict=True)) == 1
    shorter, longer = sorted((a, b), key=len)
    return any(shorter == longer[:i] + longer[i + 1 :] for i in range(len(longer)))


@lru_cache(maxsize=REMEMBERED)
def unpossessive(word: str) -> str:
    """A word or phrase without the 's or ' at its end."""
    return re.sub(r"['’]s?$", "", word) or word


def _without_article(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0].lower() in ("the", "a", "an") else words


def _only_described(head: str, body: list[str]) -> bool:
    """'A poll from Marquette Law School', 'fellow GOP hopefuls', '31 Latinos': capitals that name no speaker."""
    place = next((i for i, word in enumerate(body) if word in BEHIND_NOUNS and i), len(body))
    if place == 1 and body[0].endswith("s") and body[1:2] and not body[0].isupper():  # "Students at a school in Ohio"
        return True
    if CALLED.search(head) or body[0][0].isupper():
        return False
    noun = body[place - 1]
    low = noun.lower()
    if noun[0].islower() or low in DAYS:  # "a poll released Sunday by …"
        return True
    return low in PEOPLES or (low.endswith("s") and low[:-1] in PEOPLES)


def _dotted(word: str) -> str:
    """'U.S' with the dot that ends it."""
    return f"{word}." if re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", word) else word


def _without_adverbs(body: list[str]) -> list[str]:
    """'the Census brazenly' without the word that belongs to the verb."""
    while len(body) > 1 and body[-1].endswith("ly") and body[-1].islower() and body[-1] not in NOUNS_IN_LY:
        body = body[:-1]
    return body


def _from_first_capital(words: list[str]) -> tuple[str, ...]:
    """Without the description before a name: 'event organizer Alliance to Reclaim …'."""
    first = next((i for i, word in enumerate(words) if word[0].isupper()), 0)
    return tuple(words[first:])


def _gender_of_title(lows: list[str]) -> str:
    if any(low in FEMALE_TITLES for low in lows):
        return "female"
    return "male" if any(low in MALE_TITLES for low in lows) else ""


def _name(text: str) -> tuple[str, ...]:
    """The person's name at the end of a phrase: the capitals behind the last title or lower-case word; () where it names no person."""
    text = re.sub(r"\([^)]*\)?", " ", text)
    text = re.sub(r"[\"“”„«»].*?[\"“”„«»]", " ", text)
    written = WORD.findall(text)
    words = [unpossessive(word) for word in written]
    if not words or (re.search(r"['’]s?\s*$", text) and len(words) > 6):
        return ()
    run: list[str] = []
    titled = False
    for word, raw in zip(reversed(words), reversed(written), strict=True):
        if run and word != raw:  # 'Fox’s Ann Lee'
            break
        low = word.lower().rstrip(".")
        if low in TITLES:
            titled = True
            break
        if not (word[0].isupper() or (low in PARTICLES and run)):
            break
        run.append(word)
    run.reverse()
    if len(run) > 1 and len(run[-1]) == 1:
        run.pop()
    if len(run) > 1 and run[0].lower() in OF_ORGANISATIONS and not titled:  # 'Black Lives Matter'
        return ()
    if run and run[0] in PARTICLES:  # "de Blasio" is looked for by his last word
        run.pop(0)
    while run and (run[0].lower() in NOT_NAMES or (len(run) > 2 and run[0].lower() in ROLE_HEADS | PERSON_NOUNS)):
        run.pop(0)
    before = words[: len(words) - len(run)]
    if start := person_start(run):
        run, before = run[start:], []
    if not run or (len(run) > LONGEST_NAME and not titled):
        return ()
    lows = [word.lower() for word in run]
    if lows[-1] in PEOPLES or lows[-1].removesuffix("s") in PEOPLES - {"christian"}:  # 'Asian Americans'
        return ()
    if names_organisation(run) or any(low in GROUPS for low in lows) or lows[-1] in ROLE_HEADS | PERSON_NOUNS:
        return ()
    skipped = len(before)
    while before and before[-1].lower().rstrip(".") in BETWEEN_OWNERS:  # "spokesman for Sen. Ann Lee"
        before = before[:-1]
    bound = before[-1].lower() if before else ""
    if bound in BEFORE_OWNERS and not (skipped > len(before) and (bound == "the" or len(before) == 1)):
        return ()
    if before and before[-1].isdigit():
        return ()
    if all(word.isupper() for word in run) and len(run) == 1 and len(run[0]) <= 5 and not titled:
        return ()
    return tuple(run[-LONGEST_NAME:])


def _name_before_preposition(head: str) -> tuple[str, ...]:
    """'Dan McLaughlin at the National Review' names a person: two or more capitals before a preposition."""
    first, *rest = re.split(r" (?:at|of|from|with|for|in|on) ", head, maxsplit=1)
    name = _name(first) if rest else ()
    return name if len(name) > 1 else ()


def _name_in_apposition(text: str, head: str) -> tuple[str, ...]:
    """'Trump's running mate, Indiana Gov. Mike Pence' names Mike Pence; of a description in lower case, whatever name stands behind."""
    parts = text.split(",")[1:]
    if not parts:
        return ()
    if _plural(_head_noun(head)):  # 'supporters of her opponent, Ann Lee'
        return ()
    if not head.strip()[:1].isupper():
        return _name(text)
    told = _role(head) and (head.split()[0].lower() in ("the", "a", "an"))  # 'The French minister, Ann Lee'
    return next((name for part in parts if len(name := _name(part)) > 1 and (told or folded(name[0]) in FIRST)), ())


def _head_noun(head: str) -> str:
    words = [unpossessive(word).lower() for word in WORD.findall(head)]
    place = next((i for i, word in enumerate(words) if word in BEHIND_NOUNS and i), len(words))
    return words[place - 1] if words else ""


def _plural(noun: str) -> bool:
    return noun in GROUPS or (noun.endswith("s") and not noun.endswith(("ss", "us", "is")))


def _role(head: str) -> str:
    """The role of a description, '' where it has none: its head noun, or the last word of 'Medal of Honor winner'."""
    noun, prized = _role_head(head), PRIZED.search(head)
    if noun in ROLE_HEADS:
        return noun
    last = WORD.findall(head)[-1:]
    titled = last and last[0][0].isupper() and head[:4].lower() == "the "  # 'the Daily Caller'
    roles = (noun, prized[1].lower() if prized else "")
    return next((low for low in roles if low in ROLE_HEADS | PERSON_NOUNS and not titled), "")


def _role_head(text: str) -> str:
    """The head noun of a description: the word before its first preposition, or its last."""
    lows = [unpossessive(word).lower() for word in WORD.findall(text)]
    for i, low in enumerate(lows):
        if low in ("of", "for", "at", "from", "in", "with", "who", "on", "to", "and") and i:
            return lows[i - 1]
    return lows[-1] if lows else ""
