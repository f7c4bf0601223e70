"""A WebSocket over HTTP/3 (RFC 9220) by aioquic, with the frames of wsproto.

The plan holds "authority", "path", and "steps": ["text", TEXT], ["binary", hex], ["ping", hex], ["close", code, reason].
Told: "status", and for each step what came back, in the same form; at last "ended".
"""
import asyncio

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection, Setting
from aioquic.h3.events import DataReceived, HeadersReceived
from wsproto import events
from wsproto.connection import Connection, ConnectionState, ConnectionType

from connecting import PATIENCE, connected, main


class Client(QuicConnectionProtocol):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.http = H3Connection(self._quic)
        self.frames, self.status, self.ended, self.came, self.text = Connection(ConnectionType.CLIENT), None, False, [], None
        self.news = asyncio.Event()

    def quic_event_received(self, event):
        for one in self.http.handle_event(event):
            if isinstance(one, HeadersReceived):
                self.status = int(dict(one.headers)[b":status"])
            if isinstance(one, DataReceived) and one.data:
                self.frames.receive_data(one.data)
            self.ended = self.ended or one.stream_ended
        for one in self.frames.events():
            self.note(one)
        self.news.set()

    def note(self, one):
        if isinstance(one, (events.TextMessage, events.BytesMessage)):
            self.text = one.data if self.text is None else self.text + one.data
            if one.message_finished:
                text, self.text = self.text, None
                self.came.append(["text", text] if isinstance(text, str) else ["binary", bytes(text).hex()])
        if isinstance(one, events.Pong):
            self.came.append(["pong", bytes(one.payload).hex()])
        if isinstance(one, events.CloseConnection):
            self.came.append(["close", one.code, one.reason])
            if self.frames.state is ConnectionState.REMOTE_CLOSING:
                self.http.send_data(self.stream, self.frames.send(one.response()), True)

    async def until(self, probe):
        while not probe():
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), PATIENCE)

    async def open(self, plan):
        await self.until(lambda: self.http.received_settings is not None)
        assert self.http.received_settings.get(Setting.ENABLE_CONNECT_PROTOCOL) == 1, self.http.received_settings
        self.stream = self._quic.get_next_available_stream_id()
        fields = {":method": "CONNECT", ":protocol": "websocket", ":scheme": "https", ":authority": plan["authority"],
                  ":path": plan["path"], "sec-websocket-version": "13"}
        self.http.send_headers(self.stream, [(name.encode(), value.encode()) for name, value in fields.items()])
        self.transmit()
        await self.until(lambda: self.status is not None)

    async def take(self, kind, *rest):
        made = {"text": lambda: events.TextMessage(data=rest[0]), "binary": lambda: events.BytesMessage(data=bytes.fromhex(rest[0])),
                "ping": lambda: events.Ping(payload=bytes.fromhex(rest[0])), "close": lambda: events.CloseConnection(*rest)}[kind]()
        wanted = len(self.came) + 1
        self.http.send_data(self.stream, self.frames.send(made), kind == "close")
        self.transmit()
        await self.until(lambda: len(self.came) == wanted)


async def act(plan):
    async with connected(plan, Client) as client:
        await client.open(plan)
        for step in plan["steps"]:
            await client.take(*step)
        if plan["steps"]:
            await client.until(lambda: client.ended)
        return {"status": client.status, "came": client.came, "ended": client.ended}


if __name__ == "__main__":
    main(act)
