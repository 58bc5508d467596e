"""Builds an image for the container isolation from the host's own interpreter and packages.

No registry is asked. It is for tests; users build conf/sandbox/Containerfile.
"""

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from earmark.sandbox import interpreter

LEFT_OUT = ("/site-packages", "/test", "/idlelib", "/ensurepip", "/__pycache__/test")
BY_NAME = ("librt.so.1",)  # what hostile programs load that nothing else asks for
FOLDERS = ("tmp", "proc", "dev", "sys", "etc", "run")


def linked(paths: list[Path]) -> set[str]:
    """The shared libraries that programs and libraries ask for, as the loader finds them."""
    printed = subprocess.run(
        ["ldd", *map(str, paths)], capture_output=True, text=True, check=False
    ).stdout
    return set(re.findall(r"(/\S+\.so\S*)(?: \(0x|$)", printed))


def build(engine: list[str], name: str, packages: tuple[str, ...]) -> None:
    """Import the image; CalledProcessError when the engine will not."""
    program, site = interpreter.executable(), interpreter.package_paths(packages)
    shared = [Path(program), *Path(interpreter.standard_library()[0]).glob("lib-dynload/*.so")]
    for package_path in map(Path, site.values()):
        is_library = package_path.suffix == ".so"
        shared += [package_path] if is_library else package_path.rglob("*.so")
    for folder in interpreter.libraries():
        shared += [found for name in BY_NAME if (found := Path(folder, name)).is_file()]
    of_packages = tuple(f"{path}/" for path in site.values())
    libraries = {str(path) for path in shared if path.name in BY_NAME}
    libraries |= {path for path in linked(shared) if not path.startswith(of_packages)}
    with tempfile.NamedTemporaryFile(suffix=".tar") as held:
        with tarfile.open(fileobj=held, mode="w", dereference=True) as tar:
            for folder in FOLDERS:
                _folder(tar, folder)
            for source in [program, *interpreter.standard_library(), *libraries]:
                tar.add(source, source.lstrip("/"), filter=_kept)
            for package, source in site.items():
                tar.add(source, f"site/{package}", filter=_kept)
            _link(tar, "usr/bin/python3", program)
        held.flush()
        subprocess.run(
            [*engine, "import", held.name, name], check=True, capture_output=True, timeout=170
        )


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if any(f"{part}/" in f"/{entry.name}/" for part in LEFT_OUT):
        return None
    entry.uid = entry.gid = 0
    entry.mode = 0o755
    return entry


def _folder(tar: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    tar.addfile(entry)


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)
