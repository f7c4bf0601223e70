"""A small web server for check: answers by path, by https and by plain http, made wrong on purpose."""
import contextlib
import ssl

from peers.listening import byte_server


def reply(status="200 OK", body=b"", *fields):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def page(html, *fields):
    return reply("200 OK", html.encode(), "Content-Type: text/html", *fields)


def redirect(to, *fields):
    return reply("301 Moved Permanently", b"", f"Location: {to}", *fields)


@contextlib.contextmanager
def web_server(pair, answer):
    """Its port, with TLS if there is a pair. answer(path, fields) gives the bytes of an answer, or writes to the connection itself
    (fields["connection"]) and gives None. fields: names in lower case."""
    tls = None
    if pair:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pair.certificate, pair.key)

    def talk(raw):
        raw.settimeout(20)
        connection = tls.wrap_socket(raw, server_side=True) if tls else raw
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(4096)
                if not more:
                    return
                head += more
            first, *lines = head.decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            fields["connection"] = connection
            text = answer(first.split(" ")[1], fields)
            if text:
                connection.sendall(text)

    with byte_server(talk) as port:
        yield port
