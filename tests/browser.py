"""Chromium, as Debian packages it, driven by Selenium: what a person sees, and what the page asked for."""

import json
import os
import shutil

import pytest

# A browser that talks to nobody but the page's own server.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1200,900",
)


class Browser:
    """A page, and the requests it made."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        """Opens a page; gives the status of each request that it made."""
        self.driver.get_log("performance")
        self.driver.get(url)
        return self.requests()

    def requests(self):
        """The requests since the last question, by URL; not that for an icon, which the browser makes up."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        answers = [message["params"] for message in messages if message["method"] == "Network.responseReceived"]
        found = {answer["response"]["url"]: answer["response"]["status"] for answer in answers}
        return {url: status for url, status in found.items() if not url.endswith("/favicon.ico")}

    def until(self, selector):
        """Waits for what a click leads to: a click does not."""
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, 60).until(lambda driver: driver.find_elements("css selector", selector))

    def one(self, selector):
        return self.driver.find_element("css selector", selector)

    def style(self, selector, name):
        return self.one(selector).value_of_css_property(name)


@pytest.fixture
def browser(tmp_path):
    """Skips the test where there is no Chromium; in CI that is a failure."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        missing = "there is no Chromium with its chromedriver: apt-get install chromium chromium-driver"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in (*OPTIONS, f"--user-data-dir={tmp_path / 'chromium'}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    yield Browser(driver)
    driver.quit()
