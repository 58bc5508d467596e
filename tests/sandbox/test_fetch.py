"""bubblewrap belongs to the Python environment, and is fetched again when it is gone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from earmark import paths
from earmark.errors import SandboxUnavailable
from earmark.sandbox import bubblewrap, probe
from earmark.sandbox.fetch import fetch, main


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment of the test's own, on a machine without the package bubblewrap."""
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda tool: None if tool == "bwrap" else which(tool))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "environment").mkdir()
    return tmp_path / "environment" / "share" / "earmark"


def put_bubblewrap(folder: Path) -> Path:
    program = folder / bubblewrap.FETCHED
    program.parent.mkdir(parents=True)
    program.touch()
    return program


@pytest.mark.parametrize("name", ["EARMARK_CACHE", "XDG_CACHE_HOME", "HOME"])
def test_it_is_found_whatever_the_caches_are(environment, monkeypatch, tmp_path, name):
    program = put_bubblewrap(environment)
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert bubblewrap.find() == str(program)
    assert fetch() == ""


def test_without_it_one_line_says_how_to_get_it(environment):
    with pytest.raises(
        SandboxUnavailable,
        match=r"missing: install the package bubblewrap, or run `.* -m earmark\.sandbox\.fetch`$",
    ):
        bubblewrap.find()
    assert sys.executable in probe._namespaces_hint("bubblewrap is missing")


def test_where_the_environment_may_not_be_written_the_cache_is_used(
    environment, monkeypatch, tmp_path
):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    assert paths.environment_or_cache() == tmp_path / "cache"
    program = put_bubblewrap(tmp_path / "cache")
    assert bubblewrap.find() == str(program)
    assert fetch() == ""


def test_an_older_one_in_the_cache_is_no_reason_not_to_fetch(environment, tmp_path, monkeypatch):
    put_bubblewrap(tmp_path / "cache")
    monkeypatch.setenv("PATH", "")
    assert "cannot be fetched without apt-get" in fetch()


def test_without_apt_set_up_goes_on_and_says_what_is_lost(environment, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert main() == 0
    assert (
        "cannot be fetched without apt-get; install the package bubblewrap"
        in capsys.readouterr().out
    )


@pytest.fixture
def no_lists(tmp_path, monkeypatch):
    """apt without package lists, as in most container images: `apt-get update` was never run."""
    if shutil.which("apt-get") is None:
        pytest.skip("apt-get is not here: Debian and its kin have it")
    (tmp_path / "lists" / "partial").mkdir(parents=True)
    (tmp_path / "apt.conf").write_text(
        f'Dir::State::lists "{tmp_path}/lists";\n'
        'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))


def test_without_package_lists_the_line_names_the_command(environment, no_lists):
    assert "bubblewrap could not be fetched (E: " in fetch()
    assert "run `apt-get update` as root and try again" in fetch()
    assert list(environment.iterdir()) == []


def test_what_is_gone_is_fetched_again(environment):
    done = fetch()
    if "fetched into" not in done:
        pytest.skip(done)
    program = bubblewrap.find()
    assert done == f"bubblewrap fetched into {environment}"
    assert subprocess.run(
        [program, "--version"], capture_output=True, check=True
    ).stdout.startswith(b"bubblewrap")
    assert fetch() == ""
    Path(program).unlink()
    assert fetch() == done
    assert bubblewrap.find() == program
