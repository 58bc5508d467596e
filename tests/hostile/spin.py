"""Law: a program that computes for ever is ended."""
# oracle: late
import time
until = time.monotonic() + 20
while time.monotonic() < until:
    sum(range(10000))
