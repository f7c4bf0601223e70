"""A real Firefox without a window, steered by WebDriver BiDi."""
import asyncio
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import websockets

PREFERENCES = {
    "app.update.enabled": False, "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False, "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "browser.safebrowsing.update.enabled": False, "services.settings.server": "data:,#remote-settings-dummy/v1",
    "network.http.http3.disable_when_third_party_roots_found": False,
    # Nothing is tried beside HTTP/3 where that is mapped, however slow the machine.
    "network.http.http3.force-use-alt-svc-mapping-for-testing": True, "network.http.happy_eyeballs_enabled": False,
    "network.http.http3.backup_timer_delay": 60000,
}


def program():
    """Path of Firefox, or None."""
    return next((found for name in ("firefox-esr", "firefox") if (found := shutil.which(name))), None)


class Firefox:
    """One browser with one page. home: its HOME. root: trusted beside its own. preferences: beside ours."""

    def __init__(self, home, root, **preferences):
        self.home, self.profile, self.count = pathlib.Path(home), pathlib.Path(home) / "firefox", 0
        self.profile.mkdir(parents=True)
        certutil = ["certutil", "-d", f"sql:{self.profile}"]
        subprocess.run([*certutil, "-N", "--empty-password"], check=True, capture_output=True)
        subprocess.run([*certutil, "-A", "-n", "tests", "-t", "C,,", "-i", str(root)], check=True, capture_output=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {**PREFERENCES, **preferences}.items()]
        (self.profile / "user.js").write_text("".join(lines))

    def __enter__(self):
        self.loop, self.socket = asyncio.new_event_loop(), None
        environment = {name: value for name, value in os.environ.items() if not name.endswith("SAN_OPTIONS") and name != "DISPLAY"}
        environment.update(HOME=str(self.home), MOZ_CRASHREPORTER_DISABLE="1")
        self.log = self.home / "firefox.log"
        with open(self.log, "wb") as log:
            command = [program(), "--headless", "--no-remote", "--profile", str(self.profile), "--remote-debugging-port", "0", "about:blank"]
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.socket = self.wait(self.connect(f"{self.address()}/session"))
            self.call("session.new", capabilities={})
            self.page = self.call("browsingContext.getTree")["contexts"][0]["context"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.socket:
            self.wait(self.socket.close())
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)
        self.loop.close()

    def address(self, patience=100):
        until = time.monotonic() + patience
        while not (found := re.search(r"WebDriver BiDi listening on (\S+)", self.log.read_text(errors="replace"))):
            assert time.monotonic() < until and self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        return found[1]

    @staticmethod
    async def connect(address):
        return await websockets.connect(address, max_size=None)

    def wait(self, awaitable, patience=100):
        async def waited():
            return await asyncio.wait_for(awaitable, patience)
        return self.loop.run_until_complete(waited())

    def call(self, method, **parameters):
        self.count += 1
        self.wait(self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters})))
        while (message := json.loads(self.wait(self.socket.recv()))).get("id") != self.count:
            pass
        assert message["type"] == "success", message
        return message["result"]

    def load(self, url):
        """Goes to `url` and waits until it is loaded."""
        self.call("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def evaluate(self, expression):
        """The value of an expression, as JSON has it."""
        told = self.call("script.evaluate", expression=f"JSON.stringify({expression})", target={"context": self.page}, awaitPromise=True)
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])
