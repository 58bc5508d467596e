"""The child process that serves one GGUF file.

    python -P child.py GGUF ALIAS CONTEXT_TOKENS OUTPUT_TOKENS THREADS

It prints its address as one line, then serves OpenAI-compatible HTTP on 127.0.0.1, at a port that
the system chooses. It ends when its standard input ends, and when its parent does. It imports
nothing of this package, to start fast.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(gguf: str, alias: str, context_tokens: str, output_tokens: str, threads: str) -> None:
    """Serve until standard input ends."""
    _die_with_parent()
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = gguf, [alias]
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_predict, params.n_parallel = int(context_tokens), int(output_tokens), 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(f"address {server.listening_address}", flush=True)
    os.dup2(2, 1)  # the parent reads no further
    sys.stdin.buffer.read()
    os._exit(0)  # the server's threads hold nothing that needs an orderly end


def _die_with_parent() -> None:
    # Standard input alone would do, but a process forked from the parent may hold its other end
    # open.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
