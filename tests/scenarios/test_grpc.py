"""gRPC through the gateway: a real server behind it and a real client in front of it, both of Google's library."""
import concurrent.futures
import threading

import grpc
import pytest

MIB = 1 << 20


class Greeter(grpc.GenericRpcHandler):
    """Methods on plain bytes, one of each kind."""

    def __init__(self):
        self.cancelled, self.metadata = threading.Event(), None

    def service(self, call):
        return {
            "/test.Greeter/Unary": grpc.unary_unary_rpc_method_handler(self.unary),
            "/test.Greeter/Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            "/test.Greeter/Count": grpc.unary_stream_rpc_method_handler(self.count),
            "/test.Greeter/Sum": grpc.stream_unary_rpc_method_handler(self.sum),
            "/test.Greeter/Chat": grpc.stream_stream_rpc_method_handler(self.chat),
            "/test.Greeter/Wait": grpc.unary_stream_rpc_method_handler(self.wait),
        }.get(call.method)

    def unary(self, request, context):
        self.metadata = dict(context.invocation_metadata())
        context.send_initial_metadata([("x-first", "1")])
        context.set_trailing_metadata([("x-last", "2"), ("x-bytes-bin", b"\x00\xff")])
        return b"hello " + request

    def fail(self, request, context):
        context.set_trailing_metadata([("x-why", "because")])
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now: ä")

    def count(self, request, context):
        for i in range(int(request)):
            yield b"%d" % i

    def sum(self, requests, context):
        return b"%d" % sum(int(one) for one in requests)

    def chat(self, requests, context):
        for one in requests:
            yield one[::-1]

    def wait(self, request, context):
        context.add_callback(self.cancelled.set)
        yield b"begun"
        self.cancelled.wait(60)


@pytest.fixture
def greeter():
    return Greeter()


@pytest.fixture(params=["h2c", "https"])
def channel(request, greeter, front, authority):
    """A client of the gateway, behind which the server stands, without TLS or with it."""
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", 16 * MIB)])
    server.add_generic_rpc_handlers([greeter])
    if request.param == "h2c":
        port = server.add_insecure_port("127.0.0.1:0")
        flags = []
    else:
        pair = authority.issue("greeter.internal")
        credentials = grpc.ssl_server_credentials([(pair.key.read_bytes(), pair.certificate.read_bytes())])
        port = server.add_secure_port("127.0.0.1:0", credentials)
        flags = ["--site.localhost.proxy.tls.ca", authority.root, "--site.localhost.proxy.tls.name", "greeter.internal"]
    server.start()
    site = front(f"{request.param}://127.0.0.1:{port}", *flags)
    trust = grpc.ssl_channel_credentials(site.root.read_bytes())
    options = [("grpc.max_receive_message_length", 16 * MIB), ("grpc.max_send_message_length", 16 * MIB)]
    with grpc.secure_channel(site.host, trust, options) as made:
        yield made
    server.stop(0).wait()


def test_unary_with_metadata_both_ways(channel, greeter):
    call = channel.unary_unary("/test.Greeter/Unary")
    answer, state = call.with_call(b"you", metadata=[("x-mine", "3")], timeout=60)
    assert answer == b"hello you" and state.code() == grpc.StatusCode.OK
    assert dict(state.initial_metadata())["x-first"] == "1"
    trailing = dict(state.trailing_metadata())
    assert trailing["x-last"] == "2" and trailing["x-bytes-bin"] == b"\x00\xff"
    assert greeter.metadata["x-mine"] == "3" and greeter.metadata["x-forwarded-for"] == "127.0.0.1"


def test_status_and_its_message_pass(channel):
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/test.Greeter/Fail")(b"", timeout=60)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.details() == "not now: ä"
    assert dict(caught.value.trailing_metadata())["x-why"] == "because"
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/test.Greeter/None")(b"", timeout=60)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("size", [0, 1000, 8 * MIB])
def test_messages_of_any_size(channel, size):
    message = b"x" * size
    assert channel.unary_unary("/test.Greeter/Unary")(message, timeout=120) == b"hello " + message


def test_streams_of_each_kind(channel):
    assert list(channel.unary_stream("/test.Greeter/Count")(b"1000", timeout=60)) == [b"%d" % i for i in range(1000)]
    assert channel.stream_unary("/test.Greeter/Sum")((b"%d" % i for i in range(1000)), timeout=60) == b"499500"


def test_chat_is_not_held_back(channel):
    """Each message is answered before the next one is sent."""
    waiting, answered = [threading.Event() for _ in range(20)], []

    def speak():
        for i, event in enumerate(waiting):
            assert i == 0 or waiting[i - 1].wait(60)
            yield b"message %d" % i

    for i, answer in enumerate(channel.stream_stream("/test.Greeter/Chat")(speak(), timeout=60)):
        answered.append(answer[::-1])
        waiting[i].set()
    assert answered == [b"message %d" % i for i in range(20)]


def test_many_calls_at_once(channel):
    call = channel.unary_unary("/test.Greeter/Unary")
    calls = [call.future(b"%d" % i, timeout=120) for i in range(300)]
    assert [one.result() for one in calls] == [b"hello %d" % i for i in range(300)]


def test_cancelling_reaches_the_server(channel, greeter):
    call = channel.unary_stream("/test.Greeter/Wait")(b"", timeout=60)
    assert next(call) == b"begun"
    call.cancel()
    assert greeter.cancelled.wait(30)


def test_deadline_reaches_the_server(channel, greeter):
    call = channel.unary_stream("/test.Greeter/Wait")(b"", timeout=0.5)
    with pytest.raises(grpc.RpcError) as caught:
        list(call)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert greeter.cancelled.wait(30)


def test_backend_that_is_away_is_unavailable(front):
    site = front("h2c://127.0.0.1:1")
    trust = grpc.ssl_channel_credentials(site.root.read_bytes())
    with grpc.secure_channel(site.host, trust) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/test.Greeter/Unary")(b"", timeout=60)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
