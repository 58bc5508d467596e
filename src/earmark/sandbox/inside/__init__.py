"""What runs beside the programs, inside the isolation: standard library alone, copied in at start, never the project itself.

In: messages on one socket. Out: messages on it. Nothing here decides what a program deserves; that is the contract's.
"""
