"""A TLS client of the standard library, with every choice in the test's hands."""
import socket
import ssl

TIMEOUT = 20  # seconds; a hang is a failure, not a wait


def client_context(root, alpn=None, newest=None, oldest=None, suites=None):
    """root: file that is trusted, or None for no verification. suites: of TLS 1.2, as OpenSSL names them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if root is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(root)
    if suites:
        context.set_ciphers(suites)
    if oldest:
        context.minimum_version = oldest
    if newest:
        context.maximum_version = newest
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


def connect(port, name, root=None, *, alpn=None, context=None, session=None, host="127.0.0.1", timeout=TIMEOUT):
    """A connected SSLSocket. name: what is asked for by SNI, None for no SNI."""
    context = context or client_context(root, alpn)
    if name is None:
        context.check_hostname = False
    raw = socket.create_connection((host, port), timeout=timeout)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return context.wrap_socket(raw, server_hostname=name, session=session)
    except BaseException:
        raw.close()
        raise


def peer_serial(connection):
    """The serial number of the certificate that was shown. The context must have verified it."""
    return int(connection.getpeercert()["serialNumber"], 16)
