"""What tests ask of a page in a browser, or of its text."""

import json
import re
import time
from collections.abc import Callable
from typing import Any


def wait(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.05)


def all_of(page: Any, css: str) -> list[Any]:
    return list(page.find_elements("css selector", css))


def one(page: Any, css: str) -> Any:
    return page.find_element("css selector", css)


def ended(page: Any) -> bool:
    return bool(
        page.execute_script(
            "const p = document.getElementById('player'); return p.ended && p.duration > 0.3"
        )
    )


def console(page: Any) -> list[str]:
    return [entry["message"] for entry in page.get_log("browser")]


def details_of(html: str) -> list[dict[str, Any]]:
    """What a page holds inside of its attempts, as far as its budget went."""
    found = re.findall(r'<script type="application/json" id="details-.*?">(.*?)</script>', html)
    return [one for part in found for one in json.loads(part) if one is not None]


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data
