"""What a developer's machine has and a user's has not: a terminal of UTF-8, a home, an environment
and a cache that may be written.
"""

import io
import os
import sys
from pathlib import Path

import pytest

from earmark import paths
from earmark.audio.numba_folder import choose_folder
from earmark.cli import main
from tests.sweep.conftest import Launch


def test_a_terminal_that_cannot_show_a_sign_shows_a_question_mark(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr(
        sys, "stdout", io.TextIOWrapper(shown, encoding="ascii", write_through=True)
    )
    assert launch("model=noise", "name=plain", "tracking=none") == 0
    assert b"  ?  " in shown.getvalue()  # the dash of a score that there is none of


def test_a_cache_that_cannot_be_written_is_named_before_anything_runs(
    root: Path, launch: Launch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "file").touch()
    monkeypatch.setenv("EARMARK_CACHE", str(root / "file" / "cache"))
    assert launch("model=noise", "name=never") == 1
    assert capsys.readouterr().err == (
        f"earmark: EARMARK_CACHE={root}/file/cache: nothing can be written to {root}/file; "
        "set it to a folder that you may write to\n"
    )
    assert main(["sandbox", __file__]) == 1
    assert "cannot be written (Not a directory)" in capsys.readouterr().err


def test_a_user_without_a_home_is_asked_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        os.path, "expanduser", lambda path: path
    )  # as it answers for a user whom the machine does not know
    assert main(["tasks"]) == 1
    assert capsys.readouterr().err.startswith(
        "earmark: HOME must name a folder, and this user has none"
    )


@pytest.mark.parametrize("writable", [True, False])
def test_machine_code_is_kept_in_the_cache_where_the_environment_may_not_be_written(
    root: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(os, "access", lambda *_: writable)  # root may write everywhere
    choose_folder()
    assert os.environ.get("NUMBA_CACHE_DIR") == (None if writable else str(paths.cache() / "numba"))
