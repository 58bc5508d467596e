"""The limiter and the waiting times."""

import threading
import time

import pytest

from earmark.models.pacing import MAX_BACKOFF_SECONDS, Limiter, backoff_seconds, limiter_for


def test_no_more_than_the_limit_are_inside() -> None:
    limiter, inside, most, lock = Limiter(3), 0, 0, threading.Lock()

    def call() -> None:
        nonlocal inside, most
        with limiter.slot():
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
    limiter = Limiter(8)
    limits = []
    for _ in range(5):
        limiter.throttle(0)
        limits.append(limiter.limit)
    assert limits == [4, 2, 1, 1, 1]
    for _ in range(100):
        limiter.succeed()
    assert limiter.limit == 8


def test_one_round_of_good_answers_raises_by_about_one() -> None:
    limiter = Limiter(8)
    limiter.throttle(0)
    for _ in range(5):
        limiter.succeed()
    assert limiter.limit == 5


def test_a_pause_holds_every_caller() -> None:
    limiter = Limiter(4)
    limiter.throttle(0.3)
    started = time.monotonic()
    with limiter.slot():
        assert time.monotonic() - started >= 0.29


def test_an_exception_inside_gives_the_place_back() -> None:
    limiter = Limiter(1)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="inside"), limiter.slot():
            raise RuntimeError("inside")
    with limiter.slot():
        assert limiter.limit == 1


def test_a_provider_has_one_limiter() -> None:
    assert limiter_for("one", 4) is limiter_for("one", 4)
    assert limiter_for("one", 4) is not limiter_for("another", 4)


def test_backoff_is_bounded_random_and_grows() -> None:
    early = [backoff_seconds(0) for _ in range(200)]
    late = [backoff_seconds(50) for _ in range(200)]
    assert 0 <= min(early) < max(early) <= 0.5
    assert max(early) < max(late) <= MAX_BACKOFF_SECONDS
    assert len(set(late)) > 100
