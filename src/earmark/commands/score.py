"""`earmark score CLIP.wav... --text "…"`: every clip against every text, by one embedder, in one process.

In: WAV files and texts as they are, without templates. Out: a list of {"clip", "text", "embedder", "score", "unscored"}: a cosine, or null
and the reason. Without --embedder it hears by clap where its checkpoint can be had within 5 s, else by the stand-in, and says so.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from earmark.audio import read_clip
from earmark.config.embedder_choice import build_embedder
from earmark.embedders import Embedder
from earmark.errors import AudioError
from earmark.metrics.text_audio import TextAudio
from earmark.records import Json, Task

NO_CLIP = ("no_file", "not_a_wav", "unreadable")


def main(argv: list[str]) -> int:
    """Print the pairs; 1 when a file is no WAV at all, else 0."""
    asked = _parser().parse_intermixed_args(argv)
    settings = [word for word in asked.clips if word.startswith("embedder.") and "=" in word]
    clips = [word for word in asked.clips if word not in settings]
    pairs = score(clips, asked.text, embedder=build_embedder(asked.embedder, settings))
    if asked.json:
        print(
            json.dumps(
                [{key: value for key, value in pair.items() if key != "kind"} for pair in pairs],
                indent=1,
                ensure_ascii=False,
            )
        )
    for pair in pairs:
        if not asked.json:
            said = (
                f"{pair['score']:+.4f}"
                if pair["score"] is not None
                else f"unscored: {pair['unscored']}"
            )
            print(f"{pair['clip']}  {pair['text']!r}  {pair['embedder']}  {said}")
    return int(any(pair["kind"] in NO_CLIP for pair in pairs))


def score(clips: Sequence[str], texts: Sequence[str], *, embedder: Embedder) -> list[Json]:
    """Every pair as {"clip", "text", "embedder", "score", "unscored", "kind"}; `kind` is the reader's word for a file that is no clip.

    Raises:
        MetricUnavailable: the embedder's weights cannot be loaded.
        ConfigError: the embedder reads no captions.
    """
    metric = TextAudio(embedder, templates=("{caption}",))
    return [pair for clip in clips for pair in _pairs(clip, texts, metric)]


def _pairs(path: str, texts: Sequence[str], metric: TextAudio) -> list[Json]:
    name = metric.embedder.name
    try:
        clip = read_clip(Path(path))
    except AudioError as error:
        missing = {
            "clip": path,
            "embedder": name,
            "score": None,
            "unscored": str(error),
            "kind": error.failure.kind,
        }
        return [{**missing, "text": text} for text in texts]
    said = [
        metric.score(
            clip, Task(id="asked", tier="asked", caption=text, prompt="", seconds=clip.seconds)
        )
        for text in texts
    ]
    return [
        {
            "clip": path,
            "text": text,
            "embedder": name,
            "score": one.values.get(name),
            "unscored": one.unscored.get(name),
            "kind": None,
        }
        for text, one in zip(texts, said, strict=True)
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="earmark score", description="Score clips against texts.")
    parser.add_argument(
        "clips",
        nargs="+",
        metavar="CLIP.wav",
        help="also embedder.KEY=VALUE, for example embedder.checkpoint=FOLDER",
    )
    parser.add_argument(
        "--text", action="append", required=True, help="a caption; may be given several times"
    )
    parser.add_argument(
        "--embedder",
        help="a name of conf/embedder (default: clap where it can be had, else yamnet_minilm)",
    )
    parser.add_argument("--json", action="store_true")
    return parser
