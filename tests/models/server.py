"""A real local server that speaks the OpenAI chat protocol, well or badly, and keeps a log.

In: what to answer: one Reply (or text) for all, a script of them (the last one repeats), or a
function of what was Asked. Out: HTTP on 127.0.0.1, and `log`, a list of what came in and what
became of it. It judges nothing and knows nothing of earmark.

    with ChatServer(lambda asked: fenced("print(1)") if "tone" in asked.prompt else TOO_MANY) as
    server:
        LiteLLM(name="local", model="openai/local", api_base=server.api_base, ...)
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

DEAD_PORT_BASE = "http://127.0.0.1:9/v1"  # the discard port: nothing listens there


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    text: str = "hello"
    finish_reason: str = "stop"
    refusal: str | None = None
    status: int = 200
    code: str | None = None  # the error's code, for a status that is not 200
    retry_after: str | None = None
    delay_seconds: float = 0.0
    raw: bytes | None = None  # sent in place of a completion
    reset: bool = False  # the connection is reset after the request was read
    hang: bool = False  # accepted, never answered
    drip: bool = False  # headers, then a byte now and then, for ever
    usage: bool = True


@dataclass
class Asked:
    """One request as it came in; `answered` is set once a whole good answer was handed to the
    network.
    """

    number: int
    messages: list[dict[str, Any]]
    body: dict[str, Any]
    headers: Mapping[str, str]
    at: float = field(default_factory=time.monotonic)
    answered: bool = False

    @property
    def prompt(self) -> str:
        """The last message's text."""
        return str(self.messages[-1]["content"])


Answer = Reply | str | Sequence[Reply | str] | Callable[[Asked], Reply | str]

TOO_MANY = Reply(status=429, code="rate_limit_exceeded", retry_after="0.2")
BROKEN = Reply(status=500)
RESET = Reply(reset=True)
HANG = Reply(hang=True)
DRIP = Reply(drip=True)
GARBAGE = Reply(raw=b"<html>it works</html>")
NO_CHOICES = Reply(raw=b'{"id": "x", "object": "chat.completion", "choices": []}')


def fenced(program: str) -> Reply:
    """An ordinary answer: prose around one Python fence."""
    return Reply(text=f"Here is the program:\n\n```python\n{program}\n```\n\nIt writes the file.")


def cut(text: str = "```python\nimport numpy as np\nx = np.sin(") -> Reply:
    """An answer that ends at the token limit."""
    return Reply(text=text, finish_reason="length")


class ChatServer:
    """Answers at `api_base` until the with block ends."""

    def __init__(self, answer: Answer = "hello", *, model: str = "local-model") -> None:
        self.log: list[Asked] = []
        self.max_in_flight = 0
        self._answer = answer
        self._model = model
        self.in_flight = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def requests(self) -> int:
        """How many requests came in."""
        return len(self.log)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _note(self, body: dict[str, Any], headers: Mapping[str, str]) -> Asked:
        with self._lock:
            asked = Asked(
                number=len(self.log),
                messages=body.get("messages", []),
                body=body,
                headers=dict(headers),
            )
            self.log.append(asked)
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
        return asked

    def _done(self) -> None:
        with self._lock:
            self.in_flight -= 1

    def _reply_to(self, asked: Asked) -> Reply:
        answer = self._answer
        if callable(answer):
            answer = answer(asked)
        elif not isinstance(answer, Reply | str):
            answer = answer[min(asked.number, len(answer) - 1)]
        return Reply(text=answer) if isinstance(answer, str) else answer

    def _completion(self, reply: Reply) -> bytes:
        message = {"role": "assistant", "content": reply.text}
        if reply.refusal is not None:
            message["refusal"] = reply.refusal
        value: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": self._model,
            "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        }
        if reply.usage:
            value["usage"] = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        return json.dumps(value).encode()

    def _error(self, reply: Reply, asked: Asked) -> bytes:
        if reply.raw is not None:
            return reply.raw
        error = {"message": f"no: {asked.prompt}", "type": reply.code, "code": reply.code}
        return json.dumps({"error": error}).encode()

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(
                    self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"
                )
                asked = server._note(
                    body, {name.lower(): value for name, value in self.headers.items()}
                )
                try:
                    self._play(server._reply_to(asked), asked)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    server._done()

            def _play(self, reply: Reply, asked: Asked) -> None:
                server._closing.wait(reply.delay_seconds)
                if reply.hang:
                    server._closing.wait()
                    self.close_connection = True
                elif reply.reset:
                    self._reset()
                elif reply.drip:
                    self._drip()
                elif reply.status != 200:
                    self._send(reply.status, server._error(reply, asked), reply.retry_after)
                else:
                    self._send(200, server._completion(reply) if reply.raw is None else reply.raw)
                    asked.answered = reply.raw is None

            def _send(self, status: int, content: bytes, retry_after: str | None = None) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                if retry_after is not None:
                    self.send_header("Retry-After", retry_after)
                self.end_headers()
                self.wfile.write(content)

            def _reset(self) -> None:
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                self.connection.close()
                self.close_connection = True

            def _drip(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "100000")
                self.end_headers()
                while not server._closing.wait(0.1):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                self.close_connection = True

        return Handler
