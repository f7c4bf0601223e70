"""A relay that is as far away as it is told, and counts: what a network would do, without one."""
import asyncio
import contextlib
import threading


class Relay:
    """Bytes travel for `trip` seconds in each direction, and what a client sends first for a whole round trip more, as if
    the connection had to be made there too."""

    def __init__(self, to, trip, after=None):
        self.to, self.trip, self.after = to, trip, after
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        self.port = None

    async def _carry(self, reader, writer, first_delay=0.0):
        queue = asyncio.Queue()

        async def deliver():
            while True:
                due, text = await queue.get()
                await asyncio.sleep(max(0.0, due - self.loop.time()))
                if not text:
                    with contextlib.suppress(OSError):
                        writer.write_eof()
                    return
                writer.write(text)

        delivering = asyncio.ensure_future(deliver())
        more, ready = True, self.loop.time() + first_delay
        while more:
            try:
                text = await reader.read(65536)
            except OSError:
                text = b""
            more = bool(text)
            queue.put_nowait((max(self.loop.time(), ready) + self.trip, text))
        await delivering

    async def _serve(self, reader, writer):
        self.connections += 1
        begun = await self.after(self.connections, reader, writer) if self.after else b""
        if begun is None:
            writer.close()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.close()
            return
        with contextlib.suppress(OSError):
            far_writer.write(begun)
            await asyncio.gather(self._carry(reader, far_writer, 2 * self.trip), self._carry(far_reader, writer))
        for one in (writer, far_writer):
            one.close()

    async def _listen(self, ready):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=200)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.loop.create_task(self._listen(ready))
        self.loop.run_forever()


@contextlib.contextmanager
def relay(to, trip=0.0, after=None):
    """A Relay on a thread of its own. `after(number, reader, writer)` sees each connection first: what it read goes ahead; None ends it."""
    one, ready = Relay(to, trip, after), threading.Event()
    thread = threading.Thread(target=one.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield one
    finally:
        one.loop.call_soon_threadsafe(one.loop.stop)
        thread.join(30)
