"""Servers of Debian that end TLS for others, and a proxy that opens TLS on its way; each in its own folder, on 127.0.0.1."""
import contextlib
import pathlib
import shutil
import socket
import ssl
import threading

from gateway import free_port
from peers.listening import byte_server
from peers.process import running

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
STUNNEL = shutil.which("stunnel4", path="/usr/bin:/usr/sbin")
JAVA = shutil.which("java")
TOMCAT = pathlib.Path("/usr/share/tomcat10")


def _both_in_one(pair, path):
    path.write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    return path


@contextlib.contextmanager
def haproxy(folder, pair, options, settings="", answer="http-request return status 200 content-type text/plain string here"):
    """Its port. `options` stand behind the certificate on the bind line, `settings` in the global section."""
    folder.mkdir()
    port = free_port()
    _both_in_one(pair, folder / "pair.pem")
    (folder / "haproxy.cfg").write_text(
        f"global\n  nbthread 1\n{settings}defaults\n  mode http\n  timeout client 10s\n  timeout connect 10s\n  timeout server 10s\n"
        f"frontend f\n  bind 127.0.0.1:{port} {options.format(pair=folder / 'pair.pem')}\n  {answer}\n")
    with running([HAPROXY, "-db", "-f", folder / "haproxy.cfg"], port, folder, openssl_as_made=True):
        yield port


@contextlib.contextmanager
def stunnel(folder, pair, to, settings=""):
    """Its port, in front of the plain port `to`."""
    folder.mkdir()
    port = free_port()
    (folder / "stunnel.conf").write_text(
        f"foreground = yes\npid =\n[service]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{to}\ncert = {pair.certificate}\n"
        f"key = {pair.key}\n{settings}")
    with running([STUNNEL, folder / "stunnel.conf"], port, folder, openssl_as_made=True):
        yield port


@contextlib.contextmanager
def tomcat(folder, pair, *connectors):
    """The ports of its connectors; each is the inside of <SSLHostConfig> but for the certificate."""
    for name in ("conf", "webapps/ROOT", "logs", "temp", "work"):
        (folder / name).mkdir(parents=True)
    (folder / "webapps/ROOT/index.html").write_text("here")
    ports = [free_port() for _ in connectors]
    rows = "".join(
        f'<Connector address="127.0.0.1" port="{port}" protocol="org.apache.coyote.http11.Http11NioProtocol" SSLEnabled="true" maxThreads="20">'
        f'<SSLHostConfig {inside}><Certificate certificateFile="{pair.certificate}" certificateKeyFile="{pair.key}"/></SSLHostConfig></Connector>'
        for port, inside in zip(ports, connectors))
    (folder / "conf/server.xml").write_text(
        f'<Server port="-1"><Service name="s">{rows}<Engine name="e" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>'
        "</Service></Server>")
    (folder / "conf/web.xml").write_text(
        '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><servlet><servlet-name>d</servlet-name>'
        "<servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet><servlet-mapping><servlet-name>d</servlet-name>"
        "<url-pattern>/</url-pattern></servlet-mapping><welcome-file-list><welcome-file>index.html</welcome-file></welcome-file-list></web-app>")
    command = [JAVA, "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
               # Of itself Java signs with SHA-1 for a client that wants it.
               "-Djdk.tls.server.SignatureSchemes=rsa_pss_rsae_sha256,rsa_pkcs1_sha256,ecdsa_secp256r1_sha256", "-cp", f"{TOMCAT}/bin/bootstrap.jar:{TOMCAT}/bin/tomcat-juli.jar",
               f"-Dcatalina.home={TOMCAT}", f"-Dcatalina.base={folder}", f"-Djava.io.tmpdir={folder}/temp",
               "org.apache.catalina.startup.Bootstrap", "start"]
    with running(command, ports[-1], folder):
        yield ports


@contextlib.contextmanager
def intercepting_proxy(authority, to):
    """An HTTP proxy that opens each tunnel: it shows a certificate of its own for the name, and asks port `to` in turn."""
    pairs, lock = {}, threading.Lock()

    def context_of(name):
        with lock:
            if name not in pairs:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                pair = authority.issue(name)
                context.load_cert_chain(pair.certificate, pair.key)
                pairs[name] = context
            return pairs[name]

    def pump(a, b):
        with contextlib.suppress(OSError):
            while text := a.recv(65536):
                b.sendall(text)

    def talk(connection):
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(1)
            if not more:
                return
            head += more
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        near = context_of(head.split()[1].rsplit(b":", 1)[0].decode()).wrap_socket(connection, server_side=True)
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        with near, socket.create_connection(("127.0.0.1", to)) as plain, blind.wrap_socket(plain) as far:
            threading.Thread(target=pump, args=(far, near), daemon=True).start()
            pump(near, far)

    with byte_server(talk) as port:
        yield port
