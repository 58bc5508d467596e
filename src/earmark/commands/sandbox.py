"""`earmark sandbox PROGRAM.py`: run one program as a sweep would, and tell how it ended and what it left.

In: a program's source. Out: {"isolation", "execution", "clip", "failure"}, with "check_determinism" when asked. The exit code is 0 whenever the
sandbox itself worked, whatever became of the program. No imports are judged here: that is the stage of reading an answer.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from earmark import paths
from earmark.audio import read_result, same_frames
from earmark.errors import ConfigError, StageError, printable
from earmark.records import Clip, Execution, Failure, Json, Program, dump
from earmark.sandbox import Sandbox
from earmark.sandbox.failures import check_execution
from earmark.storage.atomic import make_folder

MAX_SOURCE_BYTES = 16 * 1024**2
LAYOUT = "\n\t"


def main(argv: list[str]) -> int:
    """Print what became of the program; 0 whenever the sandbox worked."""
    asked = _parser().parse_intermixed_args(argv)
    made = sandbox_of(asked.isolation, cold=asked.cold, settings=asked.settings)
    try:
        told = run_program(
            _source(asked.program), sandbox=made, check_determinism=asked.check_determinism
        )
    finally:
        made.close()
    print(json.dumps(told, indent=1) if asked.json else _readable(told))
    return 0


def sandbox_of(
    isolation: str = "auto", *, cold: bool = False, settings: Sequence[str] = ()
) -> Sandbox:
    """The sandbox of conf/sandbox/ISOLATION.yaml, with settings such as sandbox.limits.wall_seconds=5."""
    from earmark.config.build import build
    from earmark.config.compose import compose

    warm = ["sandbox.warm=false"] if cold else []
    made: Sandbox = build(
        compose([f"sandbox={isolation}", *settings, "sandbox.workers=1", *warm]).sandbox
    )
    return made


def run_program(
    source: str, *, sandbox: Sandbox, check_determinism: bool = False, folder: Path | None = None
) -> Json:
    """Run a program, and read what it left.

    Args:
        source: Python source.
        sandbox: where it runs.
        check_determinism: run it again and say whether the frames agree.
        folder: where out.wav is kept; by default a folder of the cache named by the source.

    Raises:
        SandboxUnavailable: the sandbox does not work here.
    """
    folder = (
        folder
        or paths.cache()
        / "programs"
        / hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    )
    make_folder(folder)
    execution, clip, failure = _run(source, sandbox, folder)
    told: Json = {
        "isolation": execution.isolation,
        "execution": dump(execution),
        "clip": dump(clip) if clip else None,
        "failure": dump(failure) if failure else None,
    }
    if check_determinism:
        told["check_determinism"] = agreement(clip, _run(source, sandbox, folder / "again")[1])
    return told


def _run(
    source: str, sandbox: Sandbox, folder: Path
) -> tuple[Execution, Clip | None, Failure | None]:
    execution = sandbox.run(Program(source=source, method="file"), folder=folder)
    try:
        check_execution(execution, limits=sandbox.limits)
        return execution, read_result(execution, limits=sandbox.limits), None
    except StageError as error:
        return execution, None, error.failure


def agreement(first: Clip | None, second: Clip | None) -> Json:
    """{"frames_agree", "why"}: whether two runs of one program left the same frames; None where one left no clip. Raises AudioError."""
    if first is None or second is None:
        return {
            "frames_agree": None,
            "why": "the first run left no clip" if first is None else "the second run left no clip",
        }
    agree = same_frames(first, second)
    return {
        "frames_agree": agree,
        "why": None
        if agree
        else "chance that no seed reaches, such as default_rng(), or the clock",
    }


def _source(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            held = stream.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); name a Python file"
        ) from error
    if len(held) > MAX_SOURCE_BYTES:
        raise ConfigError(
            f"{path}: must be at most {MAX_SOURCE_BYTES} bytes of Python source, is more; name a Python file"
        )
    return held.decode("utf-8", "surrogateescape")


def _readable(told: Json) -> str:
    run, clip, failure = told["execution"], told["clip"], told["failure"]
    lines = [
        f"isolation  {told['isolation']}",
        f"ended      {run['ended']}, exit code {run['exit_code']}, {run['seconds']:.3f} s",
    ]
    lines += [
        f"{name:<10} {printable(run[name].rstrip(), keep=LAYOUT)}"
        for name in ("stdout", "stderr")
        if run[name].strip()
    ]
    if clip:
        lines.append(
            f"clip       {clip['path']}: {clip['seconds']:g} s, {clip['sample_rate']} Hz, peak {clip['peak']:.3f}"
        )
    if failure:
        lines.append(f"failure    {failure['stage']}: {failure['kind']}: {failure['message']}")
    if "check_determinism" in told:
        lines.append(
            f"again      frames agree: {told['check_determinism']['frames_agree']}{' (' + told['check_determinism']['why'] + ')' if told['check_determinism']['why'] else ''}"
        )
    return "\n".join(lines)


def _offered() -> list[str]:
    return sorted(path.stem for path in (paths.conf() / "sandbox").glob("*.yaml"))


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
        "--isolation", default="auto", help=f"one of conf/sandbox: {', '.join(_offered())}"
    )
    parser.add_argument(
        "--cold", action="store_true", help="a new interpreter instead of a warm worker"
    )
    parser.add_argument(
        "--check-determinism", action="store_true", help="run it again and compare the frames"
    )
    parser.add_argument("--json", action="store_true")
    return parser
