"""What tests ask of a page in a browser, or of its text."""

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
# A4 at 96 dots per inch less the margins of report.css
PAPER = {"width": 688, "height": 1017, "deviceScaleFactor": 1, "mobile": False}
CUT = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll("h1, h2, h3, p, dl, dd, figcaption, table, svg")]
  .filter((one) => one.getBoundingClientRect().right > wide + 1 && !one.closest(arguments[0]))
  .map((one) => `${one.tagName} ${one.textContent.slice(0, 60)}`);
"""


def show(browser: Any, path: Path, screen: Mapping[str, object], media: str = "screen") -> None:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
    browser.get(path.as_uri())


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
