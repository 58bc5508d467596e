"""`earmark score CLIP.wav... --text "…"`: every clip against every text, by one embedder.

The texts are used as they are, without templates. Without --embedder clap scores where its
checkpoint can be had within 5 s, else the stand-in, which is said.
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
    args = _parser().parse_intermixed_args(argv)
    settings = [word for word in args.clips if word.startswith("embedder.") and "=" in word]
    clips = [word for word in args.clips if word not in settings]
    pairs = score(clips, args.text, embedder=build_embedder(args.embedder, settings))
    kinds = [pair.pop("kind") for pair in pairs]
    if args.json:
        print(json.dumps(pairs, indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(_line, pairs)))
    return int(any(kind in NO_CLIP for kind in kinds))


def score(clips: Sequence[str], texts: Sequence[str], *, embedder: Embedder) -> list[Json]:
    """Every pair as {"clip", "text", "embedder", "score", "unscored", "kind"}.

    `score` is a cosine, or None with the reason in `unscored`; `kind` is the failure of a file that
    is no clip.

    Raises:
        MetricUnavailable: the embedder's weights cannot be loaded.
        ConfigError: the embedder reads no captions.
    """
    metric = TextAudio(embedder, templates=("{caption}",))
    pairs: list[Json] = []
    for clip in clips:
        pairs += _score_clip(clip, texts, metric)
    return pairs


def _score_clip(path: str, texts: Sequence[str], metric: TextAudio) -> list[Json]:
    name = metric.embedder.name
    pair: Json = {"clip": path, "text": "", "embedder": name, "score": None}
    try:
        clip = read_clip(Path(path))
    except AudioError as error:
        failed = {**pair, "unscored": str(error), "kind": error.failure.kind}
        return [{**failed, "text": text} for text in texts]
    pairs = []
    for text in texts:
        task = Task(id="text", tier="text", caption=text, prompt="", seconds=clip.seconds)
        scores = metric.score(clip, task)
        value, reason = scores.values.get(name), scores.unscored.get(name)
        pairs.append({**pair, "text": text, "score": value, "unscored": reason, "kind": None})
    return pairs


def _line(pair: Json) -> str:
    value = pair["score"]
    result = f"{value:+.4f}" if value is not None else f"unscored: {pair['unscored']}"
    return f"{pair['clip']}  {pair['text']!r}  {pair['embedder']}  {result}"


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
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
