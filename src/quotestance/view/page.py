"""Parts of a page into one self-contained HTML document: no network, and nothing from an article is markup or code."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files

# what HTML cannot carry: control characters other than tab and line breaks, and halves of surrogate pairs
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def escaped(value: object) -> str:
    """The value's text as HTML text or as the content of a quoted attribute; what HTML cannot carry becomes U+FFFD."""
    return escape(printable(value), quote=True)


def printable(value: object) -> str:
    """The value's text with U+FFFD for what neither HTML nor a figure can carry."""
    return _UNPRINTABLE.sub("\ufffd", str(value))


def isolated(value: object) -> str:
    """Escaped text that keeps its own writing direction and turns nobody else's."""
    return f"<bdi>{escaped(value)}</bdi>"


def percent(share: float) -> str:
    """0.923 -> '92 %', with a narrow no-break space."""
    return f"{100 * share:.0f}\u202f%"


def counted(number: int, what: str, many: str | None = None) -> str:
    """'1 quote', '1,234 quotes'."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def page(title: str, body: str, *, sheet: str) -> str:
    """A whole HTML document around `body` (trusted HTML), with page.css, the style sheet `sheet` and page.js inside it.

    The content policy lets only this very script run (by its digest) and lets nothing be fetched, so that markup that
    slipped through the escaping could still neither run nor call home.
    """
    script = _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "form-action 'none'; base-uri 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escaped(title)}</title>
<link rel="icon" href="data:,">
<style>
{_asset("page.css")}
{_asset(sheet)}
</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""


@cache
def _asset(name: str) -> str:
    return files("quotestance.view").joinpath(name).read_text(encoding="utf-8").strip()
