"""Headless Chromium through chromedriver's WebDriver protocol, with the standard library alone."""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {
    "Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Space": " ", "Backspace": "\ue003", "Delete": "\ue017",
    "Up": "\ue013", "Down": "\ue015", "Left": "\ue012", "Right": "\ue014", "Home": "\ue011", "End": "\ue010",
    "Shift": "\ue008", "Control": "\ue009",
}


class PageError(AssertionError):
    """The page is not as it should be."""


class DriverError(Exception):
    """WebDriver refused a command."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message}")
        self.kind = kind


def find_programs():
    """The paths of Chromium and its driver; None where one is missing. A snap cannot be driven from here."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    for program in (browser, driver):
        if program is None or os.path.realpath(program).startswith("/snap"):
            return None
        with open(program, "rb") as start:
            if b"snap" in start.read(400):
                return None
    return browser, driver


class Browser:
    """One window. `patience` (seconds) is how long it looks for what is to appear."""

    def __init__(self, programs, width=1440, height=900, patience=25.0):
        self.patience = patience
        self._session = None
        self._profile = tempfile.mkdtemp(prefix="slipway-page-")
        self._log = open(pathlib.Path(self._profile) / "driver.log", "w+b")
        self._driver = subprocess.Popen(
            [programs[1], "--port=0"], stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            self._begin(programs[0], width, height)
        except BaseException:
            self.close()
            raise

    def _begin(self, browser, width, height):
        self._address = f"http://127.0.0.1:{self._port()}"
        options = {
            "binary": browser,
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-extensions", "--mute-audio", "--lang=en-US",
                     "--force-prefers-reduced-motion", f"--user-data-dir={self._profile}/profile",
                     f"--window-size={width},{height}"],
        }
        wanted = {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}}
        self._session = self._call("POST", "/session", wanted)["sessionId"]
        self.resize(width, height)

    def _port(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            said = (pathlib.Path(self._profile) / "driver.log").read_text(errors="replace")
            started = re.search(r"started successfully on port (\d+)", said)
            if started:
                return int(started.group(1))
            time.sleep(0.05)
        raise PageError("chromedriver did not start")

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            value = json.load(refused)["value"]
            raise DriverError(value["error"], value["message"].split("\n")[0]) from None

    def _do(self, path, body=None, method="POST"):
        return self._call(method, f"/session/{self._session}{path}", {} if body is None and method == "POST" else body)

    def close(self):
        """Ends the browser and its driver, whatever state they are in."""
        try:
            if self._session:
                self._do("", method="DELETE")
        except (DriverError, OSError):
            pass
        try:
            os.killpg(self._driver.pid, signal.SIGKILL)  # its own group: the driver and the browser it started
        except ProcessLookupError:
            pass
        self._driver.wait()
        self._log.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    # What the page is shown in.

    def open(self, address):
        self._do("/url", {"url": address})

    def resize(self, width, height):
        self.protocol("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def dark(self, is_dark):
        self.protocol("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"},
                         {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def protocol(self, command, parameters):
        return self._do("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._do("/screenshot", method="GET")))

    def picture(self, selector, path):
        """Only the element, as far as it is on the screen."""
        element = self.find(selector)
        self.script("arguments[0].scrollIntoView({block: 'start'});", element)
        path.write_bytes(base64.b64decode(self._do(f"/element/{element[ELEMENT]}/screenshot", method="GET")))

    def complaints(self):
        """What the browser's console holds of errors and warnings."""
        entries = self._do("/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def script(self, code, *arguments):
        return self._do("/execute/sync", {"script": code, "args": list(arguments)})

    # Finding. A selector is CSS, or (CSS, text) for the last shown one whose text contains it.

    def all(self, selector):
        css, text = selector if isinstance(selector, tuple) else (selector, "")
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility() &&"
            " each.textContent.replace(/\\s+/g, ' ').includes(arguments[1]));", css, text)

    def has(self, selector):
        return bool(self.all(selector))

    def until(self, what, holds, patience=None):
        end = time.monotonic() + (patience or self.patience)
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > end:
                raise PageError(f"{what}: not so within {patience or self.patience:g} s")
            time.sleep(0.05)

    def find(self, selector, patience=None):
        return self.until(f"{selector} is shown", lambda: self.all(selector), patience)[-1]

    def gone(self, selector):
        self.until(f"{selector} is gone", lambda: not self.has(selector))

    def of(self, selector, code):
        """What `code` gives for `it`, the element; found and looked at in one go, for the page may redraw."""
        css, text = selector if isinstance(selector, tuple) else (selector, "")
        found = self.until(f"{selector} is shown", lambda: self.script(
            "const it = [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility() &&"
            " each.textContent.replace(/\\s+/g, ' ').includes(arguments[1])).at(-1);"
            f"return it ? [(() => {{ {code} }})()] : null;", css, text))
        return found[0]

    def text(self, selector):
        return self.of(selector, "return it.innerText;")

    # Acting. The page may redraw between finding and acting; then it is found again.

    def _retried(self, selector, act, find=None):
        find = find or (lambda: self.find(selector))
        end = time.monotonic() + self.patience
        while True:
            try:
                return act(find())
            except DriverError as refused:
                if time.monotonic() > end or refused.kind not in (
                        "stale element reference", "element click intercepted", "element not interactable"):
                    raise PageError(f"{selector}: {refused}") from None
                time.sleep(0.1)

    def click_in(self, selector, code):
        """Clicks what `code` gives for `it`."""
        def find():
            return self.until(f"what to click in {selector} is there", lambda: self.of(selector, code))
        self._retried(selector, lambda element: self._do(f"/element/{element[ELEMENT]}/click"), find)

    def click(self, selector):
        self._retried(selector, lambda element: self._do(f"/element/{element[ELEMENT]}/click"))

    def type(self, selector, text):
        self._retried(selector, lambda element: self._do(f"/element/{element[ELEMENT]}/value", {"text": text}))

    def replace(self, selector, text):
        self._retried(selector, lambda element: self._do(f"/element/{element[ELEMENT]}/clear"))
        self.type(selector, text)

    def choose(self, selector, words):
        """The option of a select whose text begins with `words`."""
        def pick(element):
            shown = self.script(
                "return [...arguments[0].options].map((option) => option.text)", element)
            number = next((i for i, text in enumerate(shown) if text.startswith(words)), None)
            if number is None:
                raise PageError(f"{selector} offers {shown}, not {words}")
            option = self.script("return arguments[0].options[arguments[1]]", element, number)
            self._do(f"/element/{option[ELEMENT]}/click")
        self._retried(selector, pick)

    def keys(self, *strokes):
        """Presses keys where the focus is: names of KEYS, "Control+k", or text that is typed."""
        actions = []
        for stroke in strokes:
            parts = stroke.split("+") if "+" in stroke and stroke.split("+")[0] in KEYS else None
            if parts:
                held = KEYS[parts[0]]
                key = KEYS.get(parts[1], parts[1])
                actions += [("keyDown", held), ("keyDown", key), ("keyUp", key), ("keyUp", held)]
                continue
            for letter in [KEYS[stroke]] if stroke in KEYS else stroke:
                actions += [("keyDown", letter), ("keyUp", letter)]
        self._do("/actions", {"actions": [{
            "type": "key", "id": "keyboard", "actions": [{"type": kind, "value": key} for kind, key in actions]}]})

    def focused(self):
        """Who has the focus: its label or text."""
        return self.script(
            "const it = document.activeElement; return it.getAttribute('aria-label') || it.labels?.[0]?.innerText ||"
            " it.innerText || it.placeholder || it.tagName;")
