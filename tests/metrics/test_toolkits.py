"""FAD-inf and per-clip FAD against the toolkits' formulas, written anew with numpy and scipy."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg, stats

from earmark.commands import score
from earmark.embedders import Framed
from earmark.embedders.yamnet_minilm import YamnetMinilm
from earmark.errors import ConfigError
from earmark.metrics.files import clip_fads, folder_fad
from earmark.metrics.frechet import Gaussian
from earmark.metrics.toolkits import STEPS, FadInf, fad_inf, line, per_clip_fad

from .conftest import Bands, tone

Floats = NDArray[np.float64]


def trace_formula(a: Floats, b: Floats) -> float:
    """FAD of the sample means and covariances, by eigenvalues as fadtk has it."""
    apart = a.mean(axis=0) - b.mean(axis=0)
    one, other = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    roots = np.emath.sqrt(linalg.eigvals(one @ other))
    return float(apart @ apart + np.trace(one) + np.trace(other) - 2 * roots.sum().real)


def drawn(seed: int, n: int, k: int = 6) -> Floats:
    return np.random.default_rng(seed).normal(size=(n, k)) * np.linspace(1, 2, k)


@pytest.mark.parametrize("replace", [True, False])
def test_fad_inf_is_the_intercept_over_the_toolkits_sizes(replace: bool) -> None:
    clips, reference = drawn(1, 700), drawn(2, 900)
    ours = fad_inf(clips, Gaussian.of(reference), replace=replace, seed=5)
    rng = np.random.default_rng(5)
    sizes = [int(n) for n in np.linspace(500, 700, STEPS)]
    rows = [clips[rng.choice(700, size=n, replace=replace)] for n in sizes]
    fit = stats.linregress(1 / np.array(sizes), [trace_formula(one, reference) for one in rows])
    assert isinstance(ours, FadInf)
    assert ours.value == pytest.approx(fit.intercept, rel=1e-6)
    assert ours.slope == pytest.approx(fit.slope, rel=1e-6)
    assert ours.r2 == pytest.approx(fit.rvalue**2, rel=1e-6)


def test_a_line_is_found_exactly() -> None:
    sizes = np.array([500, 600, 900])
    found = line(sizes, 0.25 + 40 / sizes)
    assert (found.value, found.slope, found.r2) == pytest.approx((0.25, 40.0, 1.0))
    flat = line(sizes, np.full(3, 0.5))
    assert (flat.value, flat.r2) == pytest.approx((0.5, 1.0))


def test_drawn_without_replacement_most_of_the_bias_goes() -> None:
    """Equal distributions: the truth is 0."""
    left: dict[str, list[float]] = {"fad": [], "with": [], "without": []}
    for seed in range(6):
        clips, reference = drawn(seed, 600, 40), Gaussian.of(drawn(seed + 100, 6000, 40))
        left["fad"].append(Gaussian.of(clips).distance(reference))
        for name, replace in (("with", True), ("without", False)):
            one = fad_inf(clips, reference, replace=replace, least=150)
            assert isinstance(one, FadInf)
            left[name].append(abs(one.value))
    means = {name: np.mean(values) for name, values in left.items()}
    assert means["without"] < 0.3 * means["fad"]
    assert means["with"] > 0.5 * means["fad"]


def test_too_few_clips_are_a_reason() -> None:
    reference = Gaussian.of(drawn(2, 90))
    assert fad_inf(drawn(1, 500), reference, replace=True) == (
        "fad_inf needs more than 500 clips, got 500"
    )
    assert per_clip_fad(drawn(1, 1), reference) == (
        "per-clip FAD needs at least 2 frames of a clip, got 1"
    )


def test_per_clip_fad_is_the_toolkits_formula_on_frames() -> None:
    frames, reference = drawn(3, 9), drawn(4, 400)
    ours = per_clip_fad(frames, Gaussian.of(reference))
    assert ours == pytest.approx(trace_formula(frames, reference), rel=1e-6)
    one_window_less = per_clip_fad(frames[:-1], Gaussian.of(reference))
    assert one_window_less != pytest.approx(ours, rel=1e-3)


class FramedBands(Bands):
    """Bands of each tenth of a second."""

    def embed_frames(self, clip):
        from earmark.audio import samples

        mono = samples(clip)[0][:, 0]
        parts = mono[: len(mono) // 1600 * 1600].reshape(-1, 1600)
        spectra = np.abs(np.fft.rfft(parts, 4096))[:, :1024]
        return spectra.reshape(len(parts), 16, 64).sum(axis=2).astype(np.float32)


def test_the_folder_is_sorted_from_near_to_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EARMARK_CACHE", str(tmp_path / "cache"))
    for k in range(13):
        tone(tmp_path / "real" / f"{k}.wav", 300 + 10 * k)
        tone(tmp_path / "ours" / f"{k}.wav", 300 + 200 * k)
    (tmp_path / "ours" / "text.wav").write_text("no sound")
    tone(tmp_path / "ours" / "short.wav", 440, seconds=0.1)
    embedder = FramedBands()
    assert isinstance(embedder, Framed)
    found = clip_fads(tmp_path / "ours", tmp_path / "real", embedder=embedder)
    assert Path(found[0]["clip"]).stem == "0"
    values = [one["fad"] for one in found[:-2]]
    assert values == sorted(values)
    assert [one["unscored"] is None for one in found[-2:]] == [False, False]
    with pytest.raises(ConfigError, match="several frames per clip, bands has one row"):
        clip_fads(tmp_path / "ours", tmp_path / "real", embedder=Bands())
    result = folder_fad(tmp_path / "ours", tmp_path / "real", embedder=embedder, infinite=True)
    assert result["fad_inf"] == "fad_inf needs more than 500 clips, got 14"
    monkeypatch.setattr(score, "build_embedder", lambda *_: embedder)
    line_ = [str(tmp_path / "ours"), "--reference", str(tmp_path / "real")]
    assert score.main([*line_, "--inf"]) == 0
    assert "fad_inf_toolkits unscored: fad_inf needs more than" in capsys.readouterr().out
    assert score.main([*line_, "--each", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 15


def test_yamnets_frames_have_the_mean_that_features_are(tmp_path: Path) -> None:
    clip = tone(tmp_path / "a.wav", 440, seconds=2.0)
    frames = YamnetMinilm().embed_frames(clip)
    assert len(frames) == 3
    assert frames.mean(axis=0) == pytest.approx(YamnetMinilm().embed_features([clip])[0], abs=1e-6)
