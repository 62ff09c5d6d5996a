"""Both pages in headless Chromium: no console errors, tables sort, filters filter, text stays text, nothing leaves the screen."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quotestance.data.pairs import Pair
from quotestance.data.records import Article, Quote, QuoteSpeaker, Span, Speaker, Stance, Target
from quotestance.evaluate.report import evaluate
from quotestance.view.article_page import article_page
from quotestance.view.report_page import report_page

pytestmark = pytest.mark.browser

NASTY = '<script>document.title = "broken"</script><img src="x" onerror="document.title = \'broken\'">'
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("there is no Chromium with its chromedriver on this machine")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install -e '.[dev]'")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


def article(name: str = "council") -> Article:
    text = (
        f"The mayor spoke. {NASTY}\n\n“We will build it,” said Ana Silva, “whatever it costs.”\n\nBruno Reis called the bridge a waste."
        + "\n\nNothing else was said that day." * 40
    )

    def span(words: str) -> Span:
        start = text.index(words)
        return Span.of(text, start, start + len(words))

    def stances(*labels: tuple[str, float]) -> tuple[Stance, ...]:
        return tuple(
            Stance(target=target, label=label, probabilities={label: sure})
            for target, (label, sure) in zip(("bridge", "tunnel"), labels, strict=True)
        )

    quotes = (
        Quote(
            id="q1",
            kind="direct",
            spans=(span("We will build it,"), span("whatever it costs.")),
            cue=span("said"),
            speaker=QuoteSpeaker(id="silva", mention=span("Ana Silva")),
            stances=stances(("favor", 0.9), ("neutral", 0.55)),
        ),
        Quote(
            id="q2",
            kind="indirect",
            spans=(span("the bridge a waste"),),
            cue=span("called"),
            speaker=QuoteSpeaker(id="reis", mention=span("Bruno Reis")),
            stances=stances(("against", 0.97), ("neutral", 1.0)),
        ),
    )
    return Article(
        id=name,
        title=f"{name} {NASTY}",
        text=text,
        quotes=quotes,
        targets=(Target(id="bridge", name=f"new bridge {NASTY}"), Target(id="tunnel", name="harbour tunnel")),
        speakers=(Speaker(id="silva", name="Ana Silva"), Speaker(id="reis", name="Bruno Reis")),
    )


KINDS = ("direct", "mixed", "indirect")


def crowd(name: str, people: int, line: str = "\r") -> Article:
    """What `extract` makes: no targets and stances, every kind of quote, and words that stand for nobody known."""
    said = [f"Person {number} Of-a-Long-Name said: We will build “bridge {number}”" for number in range(people)]
    text = line.join([*said, "He called it “a trick” of rivals", f"and Somebody else warned of {NASTY}"])

    def quote(id: str, words: str, who: str, kind: str, speaker: str | None = None) -> Quote:
        start, at = text.index(words), text.index(who)
        return Quote(
            id=id,
            kind=kind,
            spans=(Span.of(text, start, start + len(words)),),
            speaker=QuoteSpeaker(id=speaker, mention=Span.of(text, at, at + len(who))),
        )

    quotes = [
        quote(f"q{n}", f"We will build “bridge {n}”", f"Person {n} Of", KINDS[n % 3], f"s{n}") for n in range(people)
    ]
    quotes += [quote("he", "it “a trick” of rivals", "He", "mixed"), quote("they", NASTY, "Somebody else", "indirect")]
    speakers = tuple(Speaker(id=f"s{n}", name=f"Person {n} Of-a-Long-Name") for n in range(people))
    return Article(id=name, title=f"{name} {NASTY}", text=text, quotes=tuple(quotes), speakers=speakers)


def gold() -> list[Pair]:
    made = []
    for number in range(30):
        text = f"Before {NASTY}. “We will build it {number}” she said."
        start = text.index("We")
        made.append(
            Pair(
                id=f"a{number % 6}#q{number}#t",
                text=text,
                target=["new bridge", f"tunnel {NASTY}"][number % 2],
                label=("favor", "against", "neutral")[number % 3],
                group=f"a{number % 6}",
                quote=((start, start + 16),),
            )
        )
    return made


def answers() -> list[Pair]:
    return [
        pair.__class__(
            id=pair.id,
            text=pair.text,
            target=pair.target,
            label="favor",
            annotator="model:tiny@1",
            probabilities={"favor": 0.5 + number / 100, "against": 0.25 - number / 200, "neutral": 0.25 - number / 200},
        )
        for number, pair in enumerate(gold())
    ]


PAGES = {
    "article": lambda: article_page([article(), article("again")]),
    "quotes": lambda: article_page([crowd("crowd", 50), crowd("three", 3, "\n\n")]),
    "report": lambda: report_page(evaluate(gold(), answers(), rounds=10, training=gold()[:3], notes=[NASTY])),
}


def visit(browser: Any, folder: Path, name: str, *, width: int = 1400, scheme: str = "light") -> None:
    """Open a page at a width and in a colour scheme; the console's earlier lines are dropped."""
    place = folder / f"{name}.html"
    place.write_text(PAGES[name](), encoding="utf-8")
    browser.get_log("browser")
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {
            "features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]
        },
    )
    browser.get(place.as_uri())


def shown(browser: Any, table: str, column: int) -> list[str]:
    """The words of a column in the rows that can be seen, in their order."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#' + arguments[0] + ' tbody tr')].filter(row => row.offsetParent !== null)"
        ".map(row => row.cells[arguments[1]].textContent.trim())",
        table,
        column,
    )


def choose(browser: Any, table: str, facet: str, value: str) -> None:
    from selenium.webdriver.support.ui import Select

    choices = Select(browser.find_element("css selector", f"#{table} select[data-facet={facet}]"))
    values = [option.get_attribute("value") for option in choices.options]
    choices.select_by_index(values.index(value))  # by value, selenium knows no value with both kinds of quotation marks


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")])
def test_a_page_opens_without_console_errors_and_fits_the_screen(
    browser: Any, tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    visit(browser, tmp_path, name, width=width, scheme=scheme)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    paper = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("name", PAGES)
def test_a_script_in_an_article_stays_text(browser: Any, tmp_path: Path, name: str) -> None:
    visit(browser, tmp_path, name)
    assert browser.title != "broken"
    assert browser.execute_script("return document.scripts.length") == 1
    assert browser.execute_script("return document.images.length") == 0
    assert NASTY in browser.execute_script("return document.body.textContent")


def test_a_script_that_slipped_in_could_not_run(browser: Any, tmp_path: Path) -> None:
    page = PAGES["article"]().replace("</main>", "<script>document.title = 'broken'</script></main>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    assert browser.title != "broken"
    assert any("Content Security Policy" in line["message"] for line in browser.get_log("browser"))


def test_stances_sort_by_probability_both_ways(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "article")
    head = browser.find_element("css selector", "#all th.num button")
    head.click()
    assert [int(one.split("\u202f")[0]) for one in shown(browser, "all", 4)] == [100, 100, 97, 97, 90, 90, 55, 55]
    head.click()
    assert [int(one.split("\u202f")[0]) for one in shown(browser, "all", 4)] == [55, 55, 90, 90, 97, 97, 100, 100]
    assert head.find_element("xpath", "..").get_attribute("aria-sort") == "ascending"


def test_stances_sort_by_words_from_the_keyboard(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "article")
    head = browser.find_element("css selector", "#all thead th:nth-child(1) button")
    head.send_keys("\ue007")  # Enter
    assert shown(browser, "all", 0) == ["Ana Silva"] * 4 + ["Bruno Reis"] * 4
    head.send_keys("\ue007")
    assert shown(browser, "all", 0) == ["Bruno Reis"] * 4 + ["Ana Silva"] * 4


def test_stances_filter_by_speaker_target_and_label_and_by_words(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "article")
    choose(browser, "all", "speaker", "Ana Silva")
    assert shown(browser, "all", 0) == ["Ana Silva"] * 4
    choose(browser, "all", "label", "favor")
    assert [word.split()[-1] for word in shown(browser, "all", 3)] == ["favor", "favor"]
    choose(browser, "all", "target", "harbour tunnel")
    assert shown(browser, "all", 0) == []
    assert browser.find_element("css selector", "#all output").text == "0 of 8 rows"
    browser.find_element("css selector", "#all button[type=reset]").click()
    browser.find_element("css selector", "#all input[type=search]").send_keys("waste against")
    assert shown(browser, "all", 0) == ["Bruno Reis", "Bruno Reis"]


def test_a_row_leads_to_its_quote_and_lights_all_its_parts(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "article", width=390)
    browser.execute_script("document.querySelector('#all tbody tr').cells[0].click()")
    browser.execute_async_script("setTimeout(arguments[0], 200)")
    assert browser.execute_script("return location.hash") == "#a1q1"
    assert browser.execute_script(
        "return [...document.querySelectorAll('span.lit')].map(part => part.textContent)"
    ) == ["We will build it,", "whatever it costs."]
    top = browser.execute_script("return document.getElementById('a1q1').getBoundingClientRect().top")
    assert 0 <= top < 900


def test_a_cell_of_the_matrix_shows_its_rows(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "article")
    browser.find_element("css selector", "button[data-f-speaker='Bruno Reis'][data-f-target^='new bridge']").click()
    browser.execute_async_script("setTimeout(arguments[0], 200)")
    assert shown(browser, "all", 0) == ["Bruno Reis", "Bruno Reis"]
    assert {word.split()[-1] for word in shown(browser, "all", 3)} == {"against"}


@pytest.mark.parametrize("width", [1400, 390])
def test_every_quote_can_be_seen_in_its_article_without_stances(browser: Any, tmp_path: Path, width: int) -> None:
    visit(browser, tmp_path, "quotes", width=width)
    for number, one in enumerate([crowd("crowd", 50), crowd("three", 3, "\n\n")], 1):
        seen = browser.execute_script(
            "return Object.fromEntries([...document.querySelectorAll(`.q[data-q^=a${arguments[0]}q]`)].map(part => {"
            "const box = part.getBoundingClientRect();"
            "return [part.dataset.q, box.width > 0 && box.left >= 0 && box.right <= innerWidth && part.innerText]; }))",
            number,
        )
        assert seen == {f"a{number}q{place}": quote.text for place, quote in enumerate(one.quotes, 1)}
        lines = browser.execute_script(
            "return document.querySelectorAll('.article')[arguments[0] - 1].querySelectorAll('.text').length", number
        )
        assert lines == len(one.quotes)  # each speaks in a line of their own, whatever ends it


def test_kinds_of_quotes_look_different_in_text_and_legend(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "quotes")
    for place in (".text", ".legend-key"):
        shades = browser.execute_script(
            "return arguments[1].map(kind => getComputedStyle(document.querySelector(`${arguments[0]} .q.${kind}`)))"
            ".map(style => style.backgroundColor + style.backgroundImage)",
            place,
            KINDS,
        )
        assert len(set(shades)) == len(KINDS)


def test_quotes_filter_by_speaker_kind_and_article(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "quotes")
    assert browser.find_element("css selector", "#all output").text == "57 rows"
    choose(browser, "all", "speaker", "not resolved")
    assert shown(browser, "all", 0) == ["“He” (not resolved)", "“Somebody else” (not resolved)"] * 2
    choose(browser, "all", "kind", "mixed")
    assert shown(browser, "all", 1) == ["it “a trick” of rivals"] * 2
    choose(browser, "all", "article", f"three {NASTY}")
    assert shown(browser, "all", 3) == [f"three {NASTY}"]
    browser.find_element("css selector", "#all button[type=reset]").click()
    choose(browser, "all", "speaker", "Person 49 Of-a-Long-Name")
    assert shown(browser, "all", 1) == ["We will build “bridge 49”"]


def test_folded_speakers_open_from_the_keyboard(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "quotes")
    summary = browser.find_element("css selector", ".article details summary")
    last = browser.find_element("css selector", ".article details li:last-child")
    assert (summary.text, last.is_displayed()) == ("38 more speakers", False)
    summary.send_keys("\ue007")  # Enter
    assert last.is_displayed()


def test_breakdowns_of_a_report_sort(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "report")
    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    heads = browser.find_elements("css selector", "#by-target thead button")
    heads[0].click()
    names = shown(browser, "by-target", 0)
    heads[0].click()
    assert shown(browser, "by-target", 0) == names[::-1] != names


def test_mistakes_of_a_report_filter_and_sort(browser: Any, tmp_path: Path) -> None:
    visit(browser, tmp_path, "report")
    before = len(shown(browser, "wrong", 0))
    choose(browser, "wrong", "gold", "neutral")
    choose(browser, "wrong", "target", "new bridge")
    assert 0 < len(shown(browser, "wrong", 0)) < before
    assert set(shown(browser, "wrong", 2)) == {"new bridge"}
    assert {word.split()[-1] for word in shown(browser, "wrong", 3)} == {"neutral"}
    head = browser.find_element("css selector", "#wrong th.num button")
    head.click()
    head.click()
    sure = [int(word.split("\u202f")[0]) for word in shown(browser, "wrong", 5)]
    assert sure == sorted(sure) != sure[::-1]
