"""How fast a machine is used up: `python benchmarks/sweep.py [--peer /path/to/python]`.

A local server that speaks the OpenAI protocol answers each request in 1 s ± 50 % with a program.
72 answers, 16 at once, are asked, executed and (by earmark alone) scored:

    earmark      the whole way: isolation, checks, embedder, FAD, files, store, page
    Inspect AI   asks, and runs each program in its local sandbox, which isolates nothing
    a script     one request and one program after another, 18 of them

Then 24 runs of 6 tasks are held against the ideal: the time of whichever would be busiest if
nothing ever waited, the requests (16 at once), the programs (2 at once) or the processors, which
also score, draw and store. The server says when the first prompt came, so start-up is shown apart.
`--peer` is a Python with inspect_ai (0.3.285) and openai, in an environment of its own, since they
want other versions; without it that line is left out.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TASKS, SAMPLES, AT_ONCE, ALONE = 24, 3, 16, 18
GRID = ("temperature=0,0.2,0.4,0.6,0.8,1", "seed=0,1,2,3", "tier.limit=6")
GRID_RUNS, PROGRAMS_AT_ONCE = 24, 2
PROGRAM = """import numpy as np
import soundfile as sf
t = np.arange(88200) / 44100
sf.write("out.wav", 0.4 * np.sin(2 * np.pi * 440 * t) * np.exp(-t), 44100)
"""
INSPECT = """
import json, sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Score, mean, scorer
from inspect_ai.solver import generate
from inspect_ai.util import sandbox

@scorer(metrics=[mean()])
def left_a_sound():
    async def score(state, target):
        program = state.output.completion.split("```python\\n")[1].split("```")[0]
        await sandbox().write_file("program.py", program)
        ended = await sandbox().exec([sys.argv[5], "program.py"], timeout=30)
        sound = await sandbox().read_file("out.wav", text=False) if ended.success else b""
        return Score(value=float(len(sound) > 44))
    return score

samples = [Sample(input=f"A tone, number {n}.") for n in range(int(sys.argv[2]))]
task = Task(dataset=samples, solver=generate(), scorer=left_a_sound(), sandbox="local")
[log] = eval(task, model="openai/local", model_base_url=sys.argv[1], display="none",
             model_args={"responses_api": False}, max_connections=int(sys.argv[3]),
             log_dir=sys.argv[4])
assert log.status == "success" and log.results.scores[0].metrics["mean"].value == 1.0, log.error
"""


@dataclass(frozen=True)
class Way:
    """One way: answers, seconds of the whole process, and from its first prompt to its end."""

    answers: int
    whole: float
    work: float


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=sys.executable, help="a Python that has inspect_ai")
    parser.add_argument("--embedder", default="yamnet_minilm", help="as in embedder=NAME")
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    ours = one_run(args.embedder)
    show("earmark", ours, ours)
    if has_inspect(args.peer):
        show("Inspect AI, local sandbox", inspect(args.peer), ours)
    else:
        print(f"Inspect AI: {args.peer} has no inspect_ai and openai; see --peer")
    show("a sequential script", sequential(), ours)
    grid(args.embedder)
    return 0


def show(name: str, way: Way, ours: Way) -> None:
    """One line: seconds, answers a second of the work, and our rate against it."""
    rate, our_rate = way.answers / way.work, ours.answers / ours.work
    print(
        f"{name:28} {way.answers:4} answers  work {way.work:7.1f} s  whole {way.whole:7.1f} s",
        end="",
    )
    print(f"  {rate:6.2f}/s  earmark is {our_rate / rate:5.2f} x", flush=True)


def one_run(embedder: str) -> Way:
    """72 attempts of one run."""
    with served() as server, TemporaryDirectory(prefix="earmark-sweep-") as root:
        words = [f"tier.limit={TASKS}", f"samples={SAMPLES}", f"embedder={embedder}"]
        whole = earmark(server, root, words)
        [run] = Path(root).glob("multirun/speed/*/run.json")
        first = server.stats()["first"]
        return Way(TASKS * SAMPLES, whole, run.stat().st_mtime - first)


def grid(embedder: str) -> None:
    """24 runs against the ideal."""
    with served() as server, TemporaryDirectory(prefix="earmark-sweep-") as root:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = earmark(server, root, ["-m", *GRID, f"embedder={embedder}"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        runs = list(Path(root).glob("multirun/speed/*/run.json"))
        assert len(runs) == GRID_RUNS, len(runs)
        stats = server.stats()
        work = max(run.stat().st_mtime for run in runs) - stats["first"]
        asking = stats["seconds"] / AT_ONCE
        running = sum(map(_executed, runs)) / PROGRAMS_AT_ONCE
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    computing = spent / len(os.sched_getaffinity(0))
    ideal = max(asking, running, computing)
    print(f"\n{GRID_RUNS} runs, {stats['count']} answers: work {work:.1f} s, whole {whole:.1f} s")
    parts = f"requests {asking:.1f}, programs {running:.1f}, processors {computing:.1f}"
    print(f"ideal {ideal:.1f} s ({parts}): the whole is {whole / ideal:.2f} x")


def _executed(run: Path) -> float:
    """Seconds that the programs of a run took."""
    records = [
        json.loads(path.read_text()) for path in run.parent.glob("attempts/*/*/attempt.json")
    ]
    return float(sum(record["execution"]["seconds"] for record in records))


def earmark(server: "Server", root: str, words: Sequence[str]) -> float:
    """Seconds of one command line."""
    line = [
        "model=vllm",
        "model.name=local",
        "model.model=openai/local",
        f"model.concurrency={AT_ONCE}",
        "name=speed",
        "tier=notes",
    ]
    address = f"model.api_base={server.address}"
    limits = {"requests": AT_ONCE, "programs": PROGRAMS_AT_ONCE}
    many = [f"concurrency.{name}={limit}" for name, limit in limits.items()]
    environment = {**os.environ, "EARMARK_ROOT": root}
    command = [sys.executable, "-m", "earmark", *words, *line, address, *many]
    return timed(command, environment)


def has_inspect(python: str) -> bool:
    """Whether a Python has the peer."""
    command = [python, "-c", "import inspect_ai, openai"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def inspect(python: str) -> Way:
    """The same number of answers by Inspect AI."""
    count = TASKS * SAMPLES
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    with served() as server, TemporaryDirectory(prefix="earmark-sweep-") as root:
        words = [server.address, count, AT_ONCE, root, sys.executable]
        whole = timed([python, "-c", INSPECT, *map(str, words)], environment)
        return Way(count, whole, time.time() - server.stats()["first"])


def sequential() -> Way:
    """A few answers, one after another."""
    began = time.time()
    with served() as server:
        for number in range(ALONE):
            text = ask(server.address, f"A tone, number {number}.")
            program = text.split("```python\n")[1].split("```")[0]
            with TemporaryDirectory() as folder:
                subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
                assert Path(folder, "out.wav").is_file()
        return Way(ALONE, time.time() - began, time.time() - server.stats()["first"])


def ask(address: str, prompt: str) -> str:
    """One answer."""
    body = {"model": "local", "messages": [{"role": "user", "content": prompt}]}
    request = urllib.request.Request(
        f"{address}/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])


def timed(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds of a process that must end well."""
    began = time.perf_counter()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{command[2]}: {ended.stdout[-1000:]}{ended.stderr[-2000:]}")
    return time.perf_counter() - began


@dataclass(frozen=True)
class Server:
    """The server, in a process of its own: it must not share our interpreter."""

    address: str

    def stats(self) -> dict[str, Any]:
        """When the first prompt came, how many came, and the seconds of all answers."""
        with urllib.request.urlopen(f"{self.address}/stats") as answer:
            stats: dict[str, Any] = json.load(answer)
            return stats


@contextmanager
def served() -> Iterator[Server]:
    """A server that nobody has asked yet."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(f"http://127.0.0.1:{process.stdout.readline().strip()}/v1")
        finally:
            process.terminate()


class Answers(BaseHTTPRequestHandler):
    """Answers after 0.5 to 1.5 s, by the number of the request."""

    protocol_version = "HTTP/1.1"
    came: tuple[list[float], list[float]] = ([], [])  # when, and the seconds of the answers
    lock = threading.Lock()

    def do_POST(self) -> None:
        """A completion."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith("/chat/completions"):  # another protocol is not spoken here
            self.send_error(404)
            return
        with self.lock:
            seconds = random.Random(len(self.came[0])).uniform(0.5, 1.5)
            self.came[0].append(time.time())
            self.came[1].append(seconds)
        time.sleep(seconds)
        message = {"role": "assistant", "content": f"Here it is:\n\n```python\n{PROGRAM}```\n"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 300, "completion_tokens": 90, "total_tokens": 390}
        head = {"id": "x", "object": "chat.completion", "created": 0, "model": "local"}
        self._send({**head, "choices": [choice], "usage": usage})

    def do_GET(self) -> None:
        """The counts, or the list of models."""
        when, seconds = self.came
        stats = {"first": min(when, default=0.0), "count": len(when), "seconds": sum(seconds)}
        self._send(stats if self.path.endswith("/stats") else {"object": "list", "data": []})

    def _send(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve() -> int:
    """Print a port, and answer there until terminated."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(serve() if sys.argv[1:] == ["serve"] else main())
