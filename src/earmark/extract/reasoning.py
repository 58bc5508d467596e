"""An answer's text without the reasoning that a model wrote into it.

One pass over the marks: a pattern over pairs of marks would be quadratic in unclosed ones.
"""

import re

# How models mark their reasoning. A mark right after a quote is a program's own text.
MARK = re.compile(
    r"(?<!['\"])(?:<(/?)(?:think|thinking|thought|reasoning|reflection|scratchpad)>|\[(/?)THINK\]|◁(/?)think▷)",
    re.IGNORECASE,
)
FINAL_CHANNEL = re.compile(r"<\|channel\|>final[^\n<]*<\|message\|>")
CONTROL_TOKEN = re.compile(r"<\|[a-z_]{2,20}\|>")


def without_reasoning(text: str) -> str:
    """The answer as against the reasoning; reasoning that never ends takes the rest of the text
    with it.
    """
    *_, text = FINAL_CHANNEL.split(text)
    kept, start, inside = list[str](), 0, False
    for mark in MARK.finditer(text):
        closes = any(mark.groups())
        if closes and not inside:
            kept.clear()  # some chat templates open the reasoning in the prompt
        if not closes and not inside:
            kept.append(text[start : mark.start()])
        inside, start = not closes, mark.end()
    if not inside:
        kept.append(text[start:])
    return CONTROL_TOKEN.sub("", "".join(kept))
