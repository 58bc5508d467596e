"""`earmark sandbox PROGRAM.py`: run one program as a sweep would, and say what became of it.

The exit code is 0 whenever the sandbox itself worked. Forbidden imports do not matter here: they
are found when an answer is read.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from earmark import paths
from earmark.audio import read_result
from earmark.config.build import build
from earmark.config.choices import choices
from earmark.config.compose import compose
from earmark.errors import ConfigError, StageError, printable
from earmark.pipeline import frames_agree
from earmark.records import Clip, Execution, Failure, Json, Program, dump
from earmark.sandbox import Sandbox
from earmark.sandbox.failures import check_execution
from earmark.storage.atomic import make_folder

MAX_SOURCE_BYTES = 16 * 1024**2
LAYOUT = "\n\t"
UNSEEDED = "the program uses randomness that no seed reaches, such as default_rng(), or the clock"


def main(argv: list[str]) -> int:
    """Print what became of the program; 0 whenever the sandbox worked."""
    args = _parser().parse_intermixed_args(argv)
    sandbox = build_sandbox(args.isolation, cold=args.cold, settings=args.settings)
    try:
        result = run_program(
            _source(args.program), sandbox=sandbox, check_determinism=args.check_determinism
        )
    finally:
        sandbox.close()
    print(json.dumps(result, indent=1) if args.json else _text(result))
    return 0


def build_sandbox(
    isolation: str = "auto", *, cold: bool = False, settings: Sequence[str] = ()
) -> Sandbox:
    """The sandbox of conf/sandbox/ISOLATION.yaml, with settings of it."""
    warm = ["sandbox.warm=false"] if cold else []
    typed = any(word.startswith("sandbox=") for word in settings)
    chosen = [] if typed and isolation == "auto" else [f"sandbox={isolation}"]
    config = compose([*chosen, *settings, "sandbox.workers=1", *warm])
    sandbox: Sandbox = build(config.sandbox)
    return sandbox


def run_program(
    source: str, *, sandbox: Sandbox, check_determinism: bool = False, folder: Path | None = None
) -> Json:
    """{"isolation", "execution", "clip", "failure"}, with "check_determinism" when asked.

    Args:
        source: Python source.
        sandbox: where it runs.
        check_determinism: run it again and say whether the frames agree.
        folder: where out.wav is kept; by default a folder of the cache named by the source.

    Raises:
        SandboxUnavailable: the sandbox does not work here.
    """
    if folder is None:
        name = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        folder = paths.cache() / "programs" / name
    make_folder(folder)
    program = Program(source=source, method="file")
    execution, clip, failure = _execute(program, sandbox, folder)
    result: Json = {
        "isolation": execution.isolation,
        "execution": dump(execution),
        "clip": dump(clip) if clip else None,
        "failure": dump(failure) if failure else None,
    }
    if check_determinism:
        result["check_determinism"] = _execute_again(program, clip, sandbox)
    return result


def _execute(
    program: Program, sandbox: Sandbox, folder: Path
) -> tuple[Execution, Clip | None, Failure | None]:
    execution = sandbox.execute(program, folder=folder)
    try:
        check_execution(execution, limits=sandbox.limits)
        return execution, read_result(execution, limits=sandbox.limits), None
    except StageError as error:
        return execution, None, error.failure


def _execute_again(program: Program, clip: Clip | None, sandbox: Sandbox) -> Json:
    """{"frames_agree", "why"}; `frames_agree` is None where one execution left no clip."""
    if clip is None:
        return {"frames_agree": None, "why": "the first execution left no clip"}
    scores = frames_agree(program, clip, sandbox)
    if reason := scores.unscored.get("frames_agree"):
        return {"frames_agree": None, "why": reason}
    agree = scores.values["frames_agree"] == 1
    return {"frames_agree": agree, "why": None if agree else UNSEEDED}


def _source(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        problem = f"{path}: cannot be read ({error.strerror})"
        raise ConfigError(f"{problem}; name a Python file") from error
    if len(data) > MAX_SOURCE_BYTES:
        rule = f"must be at most {MAX_SOURCE_BYTES} bytes of Python source, is more"
        raise ConfigError(f"{path}: {rule}; name a Python file")
    return data.decode("utf-8", "surrogateescape")


def _text(result: Json) -> str:
    run, clip, failure = result["execution"], result["clip"], result["failure"]
    lines = [
        f"isolation  {result['isolation']}",
        f"ended      {run['end']}, exit code {run['exit_code']}, {run['seconds']:.3f} s",
    ]
    for name in ("stdout", "stderr"):
        if text := run[name].strip():
            lines.append(f"{name:<10} {printable(text, keep=LAYOUT)}")
    if clip:
        facts = f"{clip['seconds']:g} s, {clip['sample_rate']} Hz, peak {clip['peak']:.3f}"
        lines.append(f"clip       {clip['path']}: {facts}")
    if failure:
        lines.append(f"failure    {failure['stage']}: {failure['kind']}: {failure['message']}")
    if again := result.get("check_determinism"):
        why = f" ({again['why']})" if again["why"] else ""
        lines.append(f"again      frames agree: {again['frames_agree']}{why}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earmark sandbox", description="Run one program in the sandbox, as a sweep would."
    )
    parser.add_argument("program", metavar="PROGRAM.py")
    parser.add_argument(
        "settings",
        nargs="*",
        default=[],
        metavar="SETTING",
        help="such as sandbox.limits.wall_seconds=5",
    )
    parser.add_argument(
        "--isolation", default="auto", help=f"one of conf/sandbox: {', '.join(choices('sandbox'))}"
    )
    parser.add_argument(
        "--cold", action="store_true", help="a new interpreter instead of a warm worker"
    )
    parser.add_argument(
        "--check-determinism", action="store_true", help="run it again and compare the frames"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
