"""Texts of other languages are told from English, long and short, so that nobody takes their silence for an answer."""

from __future__ import annotations

import logging

import pytest

from quotestance.models.language.english import is_english
from quotestance.models.rules.quote_rules import RuleQuoteFinder

OTHERS = {
    "Hungarian": "A miniszter hétfőn azt mondta a parlamentben, hogy a kormány nem adja el a kikötőt. „Soha nem fogjuk eladni a kikötőt”, "
    "mondta a miniszter a képviselőknek, és hozzátette, hogy a döntés végleges.",
    "Romanian": "Ministrul a spus luni că guvernul nu va vinde portul. „Nu vom vinde niciodată portul orașului”, a declarat ministrul, "
    "care a adăugat că decizia a fost luată de guvern și că nu este nimic de discutat.",
    "German": "Der Minister sagte am Montag, die Regierung werde den Hafen nicht verkaufen. „Wir werden den Hafen niemals verkaufen“, "
    "sagte er in Berlin, und fügte an, dass das so bleibt.",
    "Spanish": "El ministro dijo el lunes que el gobierno no va a vender el puerto a nadie. «Nunca vamos a vender el puerto», dijo a los "
    "periodistas en la capital.",
    "French": "Le ministre a dit lundi que le gouvernement ne vendrait pas le port. « Nous ne vendrons jamais le port », a-t-il dit à la "
    "presse dans la capitale, où il a été reçu par le maire.",
    "Italian": "Il ministro ha detto lunedì che il governo non venderà il porto a nessuno. «Non venderemo mai il porto», ha detto ai "
    "giornalisti a Roma, in un incontro con la stampa.",
    "Dutch": "De minister zei maandag dat de regering de haven niet zal verkopen. „Wij zullen de haven nooit verkopen”, was het antwoord in "
    "de Kamer, die in de week van de verkiezing was begonnen.",
    "Danish": "Ministeren sagde mandag, at regeringen ikke vil sælge havnen til nogen for tiden. »Vi vil aldrig sælge havnen«, sagde han, "
    "og det er en aftale med byen, som er god for alle.",
    "Polish": "Minister powiedział w poniedziałek, że rząd nie sprzeda portu. „Nigdy nie sprzedamy portu”, powiedział on na spotkaniu, "
    "i dodał, że to nie jest na sprzedaż.",
}
ENGLISH = [
    "The minister said on Monday that the government would not sell the port to anybody.",
    "A mayor, a senator and a judge met in a hall in a small town and drank a cup of tea.",
    "“We will never sell it,” Ann Lee said.",
    "Trump: Cruz Has ‘To Come a Long Way’ On Ethanol",
    "The El Paso mayor met Los Angeles police and Las Vegas officials, who said they knew nothing of the plan.",
    "Q: Will you go?\n\nA: No, I will not. It rains, and you know what we said.",
    "Ann Lee rejected the plan, saying it would ruin the town. Bob Ray kept quiet.",
]


@pytest.mark.parametrize("language", OTHERS)
def test_speech_in_another_language_is_found_by_its_marks_with_a_warning(
    language: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        (quote,) = RuleQuoteFinder().find_quotes(OTHERS[language])
    assert quote.kind == "direct"
    assert not quote.speaker.known
    assert "does not read as English" in caplog.text


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_known_by_few_words(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("„Wir verhandeln nicht“, sagte der Minister am Montag.", "Wir verhandeln nicht"),
        ("«Nous ne vendrons jamais le port», a dit le ministre.", "Nous ne vendrons jamais le port"),
    ],
)
def test_a_few_words_with_marks_that_english_does_not_use_are_read_by_these(
    text: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    (quote,) = RuleQuoteFinder().find_quotes(text)
    assert quote.text == said
    assert not quote.speaker.known
    assert "does not read as English" in caplog.text


@pytest.mark.parametrize(
    "text", ['Le ministre a dit : "Nous ne céderons pas sur ce point."', 'Sie sagte: "Wir schaffen das."']
)
def test_a_few_words_of_another_language_in_straight_marks_are_told_from_english(text: str) -> None:
    assert not is_english(text)


@pytest.mark.parametrize(
    "text", ["Marine Le Pen said no.", "La La Land wins at the Oscars", "“No,” said Le Pen in La Rochelle."]
)
def test_foreign_names_make_no_foreign_text(text: str) -> None:
    assert is_english(text)
