"""Who wrote an article, where its text says so: "By Ann Lee" above, or "Ann Lee is the author of …" below."""

from __future__ import annotations

import re

from quotestance.models.language.quote_marks import paragraphs
from quotestance.models.speakers.person_names import read_mention

ABOVE, BELOW = 3, 3  # lines at the top and the end in which a byline may stand
NAME = r"(?:Dr\. |Sen\. |Rep\. |Gov\. )?[A-Z][\w’'.\-]+(?: [A-Z][\w’'.\-]*| de| van| von){1,3}"
BY = re.compile(rf"^By:? ({NAME})(?:,.*)?$")
IS = re.compile(
    rf"^({NAME})(?:, [^.]{{2,120}},)? (?:is|was|serves as|teaches|writes|covers|has been|represents|directs|leads|chairs)\b"
)


def author(text: str) -> tuple[str, ...]:
    """The words of the author's name; () where no line at the top or the end names one person."""
    lines = [text[start:end] for start, end in paragraphs(text)]
    found = [match[1] for line in lines[:ABOVE] if (match := BY.match(line))]
    found = found or [match[1] for line in lines[len(lines) // 2 :][-BELOW:] if (match := IS.match(line.strip("*_ ")))]
    read = read_mention(found[0]) if len(found) == 1 else None
    return read.name if read and read.kind == "person" and len(read.name) > 1 else ()
