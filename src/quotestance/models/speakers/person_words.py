"""Words around names: pronouns, titles, roles, peoples, and words that make capitals an organisation."""

from __future__ import annotations

from quotestance.models.language.word_tables import word_set

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
    "senators": "senator",
    "representatives": "lawmaker",
    "congressmen": "lawmaker",
    "governors": "governor",
    "presidents": "president",
    "ministers": "minister",
    "mayors": "mayor",
    "judges": "judge",
    "justices": "justice",
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
    "ag": "attorney",
    "assistant": "assistant",
    "asst": "assistant",
    "vp": "",
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
    technologies systems partners ventures capital holdings academy authority chamber coast guard
    alliance team society watch force guard reserve treasury pentagon kremlin facebook twitter google cnn nbc abc cbs
    msnbc politico breitbart huffington wikileaks politifact quinnipiac bloomberg gallup fbi cia nsa epa irs doj
    isis nato un eu us uk gop dnc rnc pac washington tehran moscow beijing brussels america iran russia china
    israel iraq syria mexico britain france germany
""")
GROUPS = word_set("""
    democrats republicans liberals conservatives officials sources critics experts supporters voters analysts
    lawmakers people americans iranians russians advocates activists protesters observers scholars economists
    women men children youths leaders aides advisers lawyers reporters prosecutors researchers authorities investigators senators polls
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
    celebrity celebrities star icon hacker legend comedian musician rapper filmmaker producer blogger preacher evangelist priest nun
    immigrant refugee soldier veteran nurse engineer refugee survivor
""")
# whom "the voter" means is not whoever was spoken of
ANYONE = word_set("""
    person guy resident voter neighbor friend colleague supporter protester demonstrator attendee heckler caller kid
    child immigrant refugee migrant teenager
""")
# nor are these, who are others by their nature
OTHERS = ANYONE | word_set("""
    judge officer sheriff victim witness reporter moderator mother father son daughter wife husband brother
    sister widow niece nephew spokesman spokeswoman spokesperson aide lawyer attorney adviser advisor narrator
""")
# of a people or party: "one Canadian", "31 Latinos" are no names
PEOPLES = word_set("""
    american canadian mexican iranian russian british israeli syrian iraqi german french italian spanish chinese
    japanese african european asian latino latina hispanic muslim christian jew jewish catholic evangelical
    democrat republican libertarian independent texan floridian californian ohioan georgian virginian briton
""")
# small words and months that are surnames too, behind a first name and at a name's end: "Ann May"
SMALL_TOO = word_set("may march will")
# so are titles, roles and colours: "Ann King"
SURNAMES_TOO = SMALL_TOO | word_set("king prince pope singer bishop farmer major black white west north young french")
# words of organisations and countries that are surnames too, behind a first name: "Steve Israel"
COUNTRIES_TOO = word_set("israel washington france britain germany fox post church guard")
# titles before which a surname alone is a person: "Mr. King"
TITLES_OF_SURNAMES = word_set("""
    mr mrs ms dr president sen senator rep gov governor secretary justice judge mayor pope gen col capt sgt
""")
PARTICLES = word_set("""
    de van von der den al el bin ibn la le di da du dos ben abu st
""")
SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
# how a country stands before a role -> its adjective
COUNTRY_ADJECTIVES = {"u.s": "american", "u.k": "british"}
NOT_NAMES = word_set("""
    the a an but and in on at for if it he she they we i as this that these those when while after before so
    then now yet or his her their our my your its monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december democratic republican
    american iranian russian british french german israeli islamic supreme former u.s u.s. us gop new north
    south east west white black state federal national international today yesterday said former what who why
    how there here not no yes one two three some many most mr mrs ms is was are has have had will would can could
    should must may might says say despite because although since until unless while with from by about into let
    everyone everybody someone somebody anyone anybody nobody another others
    also even just only still yet to of our like unlike given under meanwhile absent maybe perhaps interestingly year years around behind against between during
""")
PARTIES = word_set(
    "democratic republican american iranian russian british french german israeli former"
)  # tell two bearers of a role apart
