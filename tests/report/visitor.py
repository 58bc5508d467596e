"""A person who knows MLflow and not this program: clicks through its pages, and counts clicks."""

import time
from dataclasses import dataclass
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException

from .screens import clicked, close_panels, shows, until


@dataclass
class Visitor:
    """One question's way through the pages, from the server's plain address."""

    browser: Any
    address: str
    clicks: int = 0
    began: float = 0.0

    def open(self) -> None:
        """Type the plain address, in a window of its own."""
        self.browser.switch_to.window(self.browser.window_handles[-1])
        self.browser.get("about:blank")
        self.browser.get(self.address)
        self.began = time.monotonic()
        self.click("//a[text()='earmark']", "Overview")

    def click(self, xpath: str, *then: str) -> None:
        """Click the first such element; follow it to a new window; wait for what it leads to."""
        windows = len(self.browser.window_handles)
        clicked(self.browser, xpath)
        self.clicks += 1
        if len(self.browser.window_handles) > windows:
            self.browser.switch_to.window(self.browser.window_handles[-1])
        shows(self.browser, *then)
        close_panels(self.browser)

    def type(self, placeholder: str, text: str) -> None:
        """Type into a field; counted as one click."""
        field = f"//input[contains(@placeholder, '{placeholder}')]"
        until(lambda: bool(self.browser.find_elements("xpath", field)))
        self.browser.find_element("xpath", field).send_keys(text + "\n")
        self.clicks += 1

    def rows(self, xpath: str = "//*[@role='row']") -> list[str]:
        """The texts of a table's rows, in the order of the screen."""
        for _ in range(10):
            try:
                found = self.browser.find_elements("xpath", xpath)
                return [row.text for row in sorted(found, key=lambda row: row.location["y"])]
            except StaleElementReferenceException:  # it is being drawn anew
                time.sleep(0.5)
        return []
