"""How alike two captions are, by their spelling alone.

In: a caption and others. Out: a number within 0..1 for each. TF-IDF over words and character trigrams, cosine. It knows no
meaning: an embedder of sentences may be put in its place through the same call.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

WORD = re.compile(r"\w+")
WORD_WEIGHT = 3.0  # a shared word says more than the trigrams it is made of
STOP_WORDS = frozenset(
    {
        "a",
        "an",
        "and",
        "as",
        "at",
        "in",
        "it",
        "its",
        "like",
        "of",
        "on",
        "one",
        "the",
        "to",
        "with",
    }
)


@runtime_checkable
class Similarity(Protocol):
    """Anything that rates captions against one."""

    def __call__(self, caption: str, others: Sequence[str]) -> Sequence[float]:
        """One number per other caption, larger for more alike. Pure."""


def tfidf_cosine(caption: str, others: Sequence[str]) -> list[float]:
    """Cosine of TF-IDF vectors, within 0..1; 0 where nothing is shared. Document frequencies are those of `others`."""
    terms = [_terms(other) for other in others]
    seen = Counter(term for one in terms for term in one)
    rarity = {term: math.log((1 + len(others)) / (1 + count)) + 1 for term, count in seen.items()}
    asked = _terms(caption)
    return [_cosine(asked, one, rarity) for one in terms]


def _terms(caption: str) -> dict[str, float]:
    words = [word for word in WORD.findall(caption.lower()) if word not in STOP_WORDS]
    trigrams = Counter(f" {word} "[at : at + 3] for word in words for at in range(len(word)))
    return {
        **{f"={word}": WORD_WEIGHT * count for word, count in Counter(words).items()},
        **trigrams,
    }


def _cosine(one: dict[str, float], other: dict[str, float], rarity: dict[str, float]) -> float:
    shared = sum(one[term] * other[term] * rarity[term] ** 2 for term in one.keys() & other.keys())
    lengths = _length(one, rarity) * _length(other, rarity)
    return min(1.0, shared / lengths) if lengths else 0.0


def _length(terms: dict[str, float], rarity: dict[str, float]) -> float:
    return math.sqrt(sum((weight * rarity.get(term, 1.0)) ** 2 for term, weight in terms.items()))
