"""Where a text is cut into sentences, and which of them are too long."""

import re

WORDS = 35
SENTENCE = re.compile(r"""(?<=[.!?:;])["')”’]*\s+(?=["'(“‘]*[A-Z0-9])""")
WORD = re.compile(r"[A-Za-z0-9][\w'’.,/-]*")


def long_sentences(text: str) -> list[str]:
    """Return the sentences of more than `WORDS` words.

    >>> long_sentences("Short. " + "word " * 36 + "end.") != []
    True
    """
    return [part for part in SENTENCE.split(text) if len(WORD.findall(part)) > WORDS]
