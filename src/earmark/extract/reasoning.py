"""An answer's text -> the answer without the model's thinking.

In: any text. Out: what stands outside the marks of thinking; an unfinished thought takes the rest with it. One pass: a pattern over pairs
of marks would be quadratic in unclosed ones.
"""

import re

# How models mark their thinking; a mark right after a quote is a program's own text.
TAG = re.compile(
    r"(?<!['\"])(?:<(/?)(?:think|thinking|thought|reasoning|reflection|scratchpad)>|\[(/?)THINK\]|◁(/?)think▷)",
    re.IGNORECASE,
)


def without_thinking(text: str) -> str:
    """What the model says, as against what it thought."""
    kept, start, thinking = list[str](), 0, False
    for mark in TAG.finditer(text):
        closes = any(mark.groups())
        if closes and not thinking:
            kept.clear()  # some templates open the thinking in the prompt
        if not closes and not thinking:
            kept.append(text[start : mark.start()])
        thinking, start = not closes, mark.end()
    return "".join(kept) if thinking else "".join([*kept, text[start:]])
