"""Law: a program that catches every signal there is and computes on is ended."""
# oracle: late
import signal, time
until = time.monotonic() + 20
for number in signal.valid_signals():
    try:
        signal.signal(number, lambda *a: None)
    except (OSError, ValueError):
        continue
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while time.monotonic() < until:
    sum(range(1000))
