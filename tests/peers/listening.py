"""A listener whose every connection is one function's, on a thread of its own."""
import contextlib
import socket
import threading


@contextlib.contextmanager
def byte_server(talk, address=("127.0.0.1", 0), backlog=200):
    """Its port. talk(connection) is called for each connection; it may end in an OSError."""
    listener = socket.create_server(address, backlog=backlog)

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            talk(connection)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
