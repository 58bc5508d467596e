"""How alike captions are by their spelling, to find the few-shot examples nearest to a task.

TF-IDF over words and character trigrams, compared by cosine. It knows no meaning: a sentence
embedder would, but examples must not depend on weights that a machine may lack.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

WORD = re.compile(r"\w+")
WORD_WEIGHT = 3.0  # a shared word says more than the trigrams it is made of
STOP_WORDS = frozenset(
    "a an and as at in it its like of on one the to with".split()  # noqa: SIM905  # read as words
)

Weights = dict[str, float]  # term -> weight


def tfidf_cosine(caption: str, others: Sequence[str]) -> list[float]:
    """Cosine of TF-IDF vectors within 0..1; 0 where nothing is shared.

    Document frequencies are those of `others`.
    """
    idf, documents = _index(tuple(others))
    query = _weights(_term_counts(caption), idf)
    return [_cosine(query, document) for document in documents]


@lru_cache(maxsize=16)  # the few-shot examples are compared with every task of a sweep
def _index(captions: tuple[str, ...]) -> tuple[Weights, list[Weights]]:
    """The inverse document frequency of each term, and the weighted terms of each caption."""
    counts = [_term_counts(caption) for caption in captions]
    document_frequency = Counter(term for terms in counts for term in terms)
    idf = {
        term: math.log((1 + len(captions)) / (1 + count)) + 1
        for term, count in document_frequency.items()
    }
    return idf, [_weights(terms, idf) for terms in counts]


def _term_counts(caption: str) -> Weights:
    words = [word for word in WORD.findall(caption.lower()) if word not in STOP_WORDS]
    padded = [f" {word} " for word in words]
    trigrams = [word[at : at + 3] for word in padded for at in range(len(word) - 2)]
    terms = {f"={word}": WORD_WEIGHT * count for word, count in Counter(words).items()}
    terms.update(Counter(trigrams))
    return terms


def _weights(counts: Weights, idf: Weights) -> Weights:
    return {term: count * idf.get(term, 1.0) for term, count in counts.items()}


def _cosine(one: Weights, other: Weights) -> float:
    dot = sum(weight * other[term] for term, weight in one.items() if term in other)
    norms = math.hypot(*one.values()) * math.hypot(*other.values())
    return min(1.0, dot / norms) if norms else 0.0
