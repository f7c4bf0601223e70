"""A real Chromium without a window, steered through its debugging pipe (no port, no further library)."""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import time

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
         "--disable-features=Translate,OptimizationHints,MediaRouter", "--remote-debugging-pipe",
         "--window-size=1000,700", "about:blank"]


def program():
    """Path of Chromium, or None."""
    return next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


class Browser:
    """One browser with one page. home: its HOME, where it finds the trust store of its user."""

    def __init__(self, home, *flags):
        self.home, self.flags, self.count, self.events, self.buffer = pathlib.Path(home), flags, 0, [], b""

    def __enter__(self):
        # The browser reads commands from its descriptor 3 and writes to its descriptor 4.
        to_read, self.commands = os.pipe()
        self.answers, to_write = os.pipe()
        environment = dict(os.environ, HOME=str(self.home), XDG_CONFIG_HOME=str(self.home / ".config"))
        environment.pop("XDG_DATA_HOME", None)
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            environment.pop(name, None)
        script = f'exec 3<&{to_read} 4>&{to_write}; exec "$@"'
        command = ["bash", "-c", script, "browser", program(), f"--user-data-dir={self.home / 'profile'}",
                   *self.flags, *FLAGS]
        self.log = open(self.home / "browser.log", "wb")
        self.process = subprocess.Popen(command, pass_fds=(to_read, to_write), env=environment,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        os.close(to_read)
        os.close(to_write)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.page("Network.enable")
        self.page("Page.enable")
        return self

    def __exit__(self, *_):
        try:
            self.send("Browser.close")
            self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(20)
        os.close(self.commands)
        os.close(self.answers)
        self.log.close()

    def send(self, method, session=None, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        return self.count

    def receive(self, patience=40):
        until = time.monotonic() + patience
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.answers], [], [], max(0.0, until - time.monotonic()))
            got = os.read(self.answers, 1 << 20) if ready else b""
            if not got:
                raise TimeoutError("the browser says nothing: " + (self.home / "browser.log").read_text()[-2000:])
            self.buffer += got
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        wanted = self.send(method, session, **parameters)
        while (message := self.receive()).get("id") != wanted:
            self.events.append(message)
        assert "error" not in message, message
        return message["result"]

    def page(self, method, **parameters):
        return self.call(method, self.session, **parameters)

    def load(self, url):
        """Goes to `url` and waits until it is loaded. Returns the responses, by URL, as Chromium describes them."""
        self.events.clear()
        self.failure = self.page("Page.navigate", url=url).get("errorText")
        if self.failure:
            return {}
        seen = list(self.events)
        while not any(event.get("method") == "Page.loadEventFired" for event in seen):
            seen.append(self.receive())
        return {event["params"]["response"]["url"]: event["params"]["response"]
                for event in seen if event.get("method") == "Network.responseReceived"}

    def evaluate(self, expression):
        result = self.page("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def screenshot(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.page("Page.captureScreenshot")["data"]))
