"""A real local server that speaks OpenAI's protocol of files and batches, and that of chat.

A batch is answered when it has been looked at `looks` times; each line gets what the ChatServer
answers to its body, and a Reply with another status than 200 becomes a line of the error file.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.models.server import Answer, Asked, ChatServer, Reply


@dataclass
class Batch:
    """One batch as the provider keeps it."""

    id: str
    file: str
    lines: list[dict[str, Any]]
    looks: int = 0
    status: str = "in_progress"
    output: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


class BatchServer(ChatServer):
    """Answers batches; `requests` of the ChatServer counts what was asked one by one.

    Args:
        answer: as of a ChatServer.
        looks: how often a batch is looked at before it has ended; None: it never ends.
        ends: the status of a batch that has ended.
        expires: the custom ids, by number in the file, that are not answered in time.
        codes: of the errors of a batch that failed as a whole.
        on_create: called when a batch was submitted, before the answer is sent.
    """

    def __init__(
        self,
        answer: Answer = "hello",
        *,
        looks: int | None = 1,
        ends: str = "completed",
        expires: Callable[[int], bool] = lambda _: False,
        codes: tuple[str, ...] = (),
        on_create: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(answer)
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self.looks, self.ends, self.expires = looks, ends, expires
        self.codes, self.on_create = codes, on_create
        self.down = False
        self.lists = self.offers = True

    def file(self, body: bytes, content_type: str) -> dict[str, Any]:
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        [content] = [bytes(one.get_content()) for one in parts if one.get_filename()]
        id = f"file-{len(self.files)}"
        self.files[id] = content
        return {"id": id, "object": "file", "bytes": len(content), "created_at": 1} | {
            "filename": "requests.jsonl",
            "purpose": "batch",
            "status": "processed",
        }

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        batch = Batch(f"batch_{len(self.batches)}", body["input_file_id"], lines)
        self.batches[batch.id] = batch
        self.on_create()
        return self.shown(batch)

    def look(self, batch: Batch) -> dict[str, Any]:
        batch.looks += 1
        if batch.status == "in_progress" and self.looks is not None and batch.looks > self.looks:
            self.end(batch)
        return self.shown(batch)

    def end(self, batch: Batch) -> None:
        batch.status = self.ends
        for number, line in enumerate(batch.lines if self.ends != "failed" else ()):
            key = {"id": f"r{number}", "custom_id": line["custom_id"]}
            if self.expires(number):
                error = {"code": "batch_expired", "message": "too late"}
                batch.errors.append({**key, "response": None, "error": error})
                continue
            asked = Asked(number, line["body"]["messages"], line["body"], {})
            reply = self._reply_to(asked)
            status, body = reply.status, self._completion(reply)
            if status != 200 or reply.raw is not None:
                body = self._error(reply, asked)
            row = {"status_code": status, "request_id": "q", "body": json.loads(body)}
            rows = batch.output if status == 200 else batch.errors
            rows.append({**key, "response": row, "error": None})
        for kind, rows in (("out", batch.output), ("err", batch.errors)):
            if rows:
                text = "\n".join(json.dumps(row) for row in rows)
                self.files[f"{kind}-{batch.id}"] = f"{text}\n".encode()

    def shown(self, batch: Batch) -> dict[str, Any]:
        ids = {
            f"{name}_file_id": f"{kind}-{batch.id}" if f"{kind}-{batch.id}" in self.files else None
            for name, kind in (("output", "out"), ("error", "err"))
        }
        counts = {"completed": len(batch.output), "failed": len(batch.errors)}
        errors = {
            "object": "list",
            "data": [{"code": code, "message": "no"} for code in self.codes],
        }
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "input_file_id": batch.file,
            "completion_window": "24h",
            "status": batch.status,
            "created_at": 1,
            "errors": errors if batch.status == "failed" else None,
            "request_counts": {"total": len(batch.lines), **counts},
            **ids,
        }

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(super()._handler()):  # type: ignore[misc]
            def do_POST(self) -> None:
                if server.down:
                    self._reset()
                elif self.path.endswith("/chat/completions"):
                    super().do_POST()
                else:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                    if not server.offers:
                        self._json(None)
                    elif self.path.endswith("/files"):
                        self._json(server.file(body, self.headers["Content-Type"]))
                    else:
                        self._json(server.create(json.loads(body)))

            def do_GET(self) -> None:
                if server.down:
                    self._reset()
                elif found := re.search(r"/batches/([^/?]+)$", self.path):
                    batch = server.batches.get(found[1])
                    self._json(server.look(batch) if batch else None)
                elif found := re.search(r"/files/([^/]+)/content$", self.path):
                    self._send(200, server.files[found[1]])
                elif "/batches" in self.path and server.lists:
                    data = [server.shown(one) for one in reversed(server.batches.values())]
                    self._json({"object": "list", "data": data, "has_more": False})
                else:
                    self._json(None)

            def _json(self, value: dict[str, Any] | None) -> None:
                found = value is not None
                error = {"error": {"message": "no such thing", "code": "not_found"}}
                self._send(200 if found else 404, json.dumps(value if found else error).encode())

        return Handler


REFUSED = Reply(status=400, code="content_policy_violation")
