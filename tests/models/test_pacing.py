"""The gate and the waiting times."""

import threading
import time

import pytest

from earmark.models.pacing import LONGEST_BACKOFF_SECONDS, Gate, backoff_seconds, gate_of


def test_no_more_than_the_limit_are_inside() -> None:
    gate, inside, most, lock = Gate(3), 0, 0, threading.Lock()

    def call() -> None:
        nonlocal inside, most
        with gate.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.005)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (inside, most) == (0, 3)


def test_too_many_halves_down_to_one_and_good_answers_restore() -> None:
    gate = Gate(8)
    limits = []
    for _ in range(5):
        gate.too_many(0)
        limits.append(gate.limit)
    assert limits == [4, 2, 1, 1, 1]
    for _ in range(100):
        gate.went_well()
    assert gate.limit == 8


def test_one_round_of_good_answers_raises_by_about_one() -> None:
    gate = Gate(8)
    gate.too_many(0)
    for _ in range(5):
        gate.went_well()
    assert gate.limit == 5


def test_a_pause_holds_everybody() -> None:
    gate = Gate(4)
    gate.too_many(0.3)
    started = time.monotonic()
    with gate.turn():
        assert time.monotonic() - started >= 0.29


def test_an_exception_inside_gives_the_place_back() -> None:
    gate = Gate(1)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="inside"), gate.turn():
            raise RuntimeError("inside")
    with gate.turn():
        assert gate.limit == 1


def test_a_provider_has_one_gate() -> None:
    assert gate_of("somebody", 4) is gate_of("somebody", 4)
    assert gate_of("somebody", 4) is not gate_of("somebody else", 4)


def test_backoff_is_bounded_random_and_grows() -> None:
    early = [backoff_seconds(0) for _ in range(200)]
    late = [backoff_seconds(50) for _ in range(200)]
    assert 0 <= min(early) < max(early) <= 0.5
    assert max(early) < max(late) <= LONGEST_BACKOFF_SECONDS
    assert len(set(late)) > 100
