"""Law: a program that ignores every signal it may ignore is ended all the same."""
# oracle: late
import signal, time
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        continue
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
until = time.monotonic() + 20
while time.monotonic() < until:
    pass
