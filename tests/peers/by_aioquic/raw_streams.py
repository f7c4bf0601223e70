"""Writes any bytes on any stream of QUIC, as no library of HTTP/3 would, and tells what the server said of it.

The plan holds "rows": each a list of steps for a connection of its own. The first of the last three is what follows it.
    ["send", stream, hex, end]   ["reset", stream, code]   ["stop", stream, code]
    ["settle"]                   until the server has read what was sent
    ["closed"]                   until the server ends the connection
    ["answer", stream]           until the server has ended the stream
"""
import asyncio

import pylsqpack
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.buffer import Buffer, BufferReadError
from aioquic.quic import events

from connecting import PATIENCE, connected, main

HEADERS = 1


def status_of(content):
    """The status of an answer; None when there is none. No table was offered, so that each section stands for itself."""
    buffer = Buffer(data=content)
    try:
        while not buffer.eof():
            kind, size = buffer.pull_uint_var(), buffer.pull_uint_var()
            section = buffer.pull_bytes(size)
            if kind == HEADERS:
                return int(dict(pylsqpack.Decoder(0, 0).feed_header(0, section)[1])[b":status"])
    except BufferReadError:
        pass
    return None


class Client(QuicConnectionProtocol):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.closed, self.content, self.ended, self.codes, self.news = None, {}, set(), {}, asyncio.Event()

    def quic_event_received(self, event):
        if isinstance(event, events.ConnectionTerminated):
            self.closed = event.error_code
        if isinstance(event, events.StreamDataReceived):
            self.content[event.stream_id] = self.content.get(event.stream_id, b"") + event.data
            if event.end_stream:
                self.ended.add(event.stream_id)
        if isinstance(event, events.StreamReset):
            self.codes[event.stream_id] = event.error_code
        self.news.set()

    async def until(self, probe):
        while not probe() and self.closed is None:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), PATIENCE)

    async def take(self, kind, stream=None, *rest):
        if kind == "send":
            self._quic.send_stream_data(stream, bytes.fromhex(rest[0]), rest[1])
        elif kind == "reset":
            self._quic.reset_stream(stream, rest[0])
        elif kind == "stop":
            self._quic.stop_stream(stream, rest[0])
        self.transmit()
        if kind == "settle":
            await self.ping()
        elif kind == "closed":
            await self.until(lambda: False)
        elif kind == "answer":
            await self.until(lambda: stream in self.ended or stream in self.codes)

    def told(self):
        return {"closed": self.closed, "statuses": {stream: status_of(content) for stream, content in self.content.items() if stream % 4 == 0},
                "resets": self.codes}


async def one_row(plan, row):
    async with connected(plan, Client) as client:
        for step in row:
            try:
                await client.take(*step)
            except (TimeoutError, ConnectionError) as failure:
                return {"failed": repr(failure), "at": step, **client.told()}
        return client.told()


async def act(plan):
    return await asyncio.gather(*(one_row(plan, row) for row in plan["rows"]))


if __name__ == "__main__":
    main(act)
