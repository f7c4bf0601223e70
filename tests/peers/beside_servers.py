"""Servers of the group `beside`: ProFTPD, Exim, and a squid that opens TLS; each in its own folder and on a free port."""
import contextlib
import os
import pathlib
import shutil
import subprocess

from peers import beside
from peers.plain_servers import HOST, free_port, hand_over, running

PROFTPD, EXIM = beside.program("proftpd"), beside.program("exim4")
WRAPPER = next(pathlib.Path("/usr/lib").glob("*/libnss_wrapper.so"), None)


def _squid():
    """The one built with OpenSSL, and the helper that makes its certificates."""
    program = beside.program("squid")
    maker = pathlib.Path(program).parents[1] / "lib/squid/security_file_certgen" if program else None
    return (program, maker) if maker and maker.exists() else (None, None)


SQUID, CERTIFICATE_MAKER = _squid()

SOUND_EXIM = ("auth_advertise_hosts = ${if def:tls_in_cipher{*}}\n"
              "tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-SHA1:-AES-128-CBC:-AES-256-CBC"
              ":-AES-128-CCM:-AES-256-CCM:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1\n")
NO_ALPN_WANTED = "tls_alpn =\n"  # of itself Exim refuses a client that names protocols and not "smtp"


@contextlib.contextmanager
def proftpd(folder, pair, settings="TLSRequired on\n"):
    folder.mkdir()
    port = free_port()
    (folder / "proftpd.conf").write_text(
        f"ModulePath {pathlib.Path(PROFTPD).parents[1]}/lib/proftpd\nLoadModule mod_tls.c\n"
        f"ServerName here\nServerType standalone\nDefaultAddress {HOST}\nSocketBindTight on\nPort {port}\nUseIPv6 off\nUseReverseDNS off\n"
        f"User nobody\nGroup nogroup\nAuthOrder mod_auth_unix.c\nRequireValidShell off\nDelayEngine off\nWtmpLog off\nTransferLog none\n"
        f"PidFile {folder}/pid\nScoreboardFile {folder}/scoreboard\nControlsEngine off\nSystemLog {folder}/system.log\n"
        f"TLSEngine on\nTLSLog {folder}/tls.log\nTLSProtocol TLSv1.2 TLSv1.3\nTLSCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20\n"
        f"TLSRSACertificateFile {pair.certificate}\nTLSRSACertificateKeyFile {pair.key}\n{settings}")
    with running([PROFTPD, "--nodaemon", "--quiet", "--config", folder / "proftpd.conf"], port, folder):
        yield port


@contextlib.contextmanager
def exim(folder, pair, settings=SOUND_EXIM):
    """Mail is refused for everybody; passwords are asked for by AUTH PLAIN."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "spool").mkdir()
    port = free_port()
    # The account it was built for: only this process sees it.
    for name, line in (("passwd", "Debian-exim:x:65533:65533::/nonexistent:/bin/false\n"), ("group", "Debian-exim:x:65533:\n")):
        (folder / name).write_text(pathlib.Path(f"/etc/{name}").read_text() + line)
    for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
        shutil.copy(source, folder / name)
        os.chown(folder / name, 65533, 65533)
    os.chown(folder / "spool", 65533, 65533)
    (folder / "exim.conf").write_text(
        f"exim_path = {EXIM}\nspool_directory = {folder}/spool\nlog_file_path = {folder}/spool/%slog\npid_file_path = {folder}/pid\nprimary_hostname = localhost\n"
        f"local_interfaces = {HOST}\ndaemon_smtp_ports = {port}\nkeep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP\n"
        f"host_lookup =\nrfc1413_query_timeout = 0s\nsmtp_accept_max = 100\nacl_smtp_rcpt = deny\n"
        f"tls_certificate = {folder}/server.crt\ntls_privatekey = {folder}/server.key\n{settings}"
        'begin acl\ndeny:\n  deny message = none\n'
        'begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n  server_condition = false\n  server_set_id = $auth2\n')
    env = dict(os.environ, LD_PRELOAD=str(WRAPPER), NSS_WRAPPER_PASSWD=str(folder / "passwd"), NSS_WRAPPER_GROUP=str(folder / "group"))
    with running([EXIM, "-C", folder / "exim.conf", "-bdf"], port, folder, env=env):
        yield port


@contextlib.contextmanager
def opening_squid(folder, authority):
    """A proxy that shows certificates of `authority` inside each tunnel."""
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    helper = folder / "maker"
    shutil.copy(CERTIFICATE_MAKER, helper)
    (folder / "pair.pem").write_bytes(authority.root.read_bytes() + authority.root_key.read_bytes())
    subprocess.run([str(helper), "-c", "-s", str(folder / "made"), "-M", "4MB"], check=True, capture_output=True)
    (folder / "squid.conf").write_text(
        f"http_port {HOST}:{port} ssl-bump tls-cert={folder}/pair.pem generate-host-certificates=on dynamic_cert_mem_cache_size=4MB\n"
        f"sslcrtd_program {helper} -s {folder}/made -M 4MB\nsslcrtd_children 1 startup=1\n"
        "ssl_bump bump all\nsslproxy_cert_error allow all\ntls_outgoing_options flags=DONT_VERIFY_PEER\nhttp_access allow all\ncache deny all\n"
        f"pid_filename none\ncache_log {folder}/cache.log\naccess_log none\npinger_enable off\nshutdown_lifetime 0 seconds\n"
        f"coredump_dir {folder}\nvisible_hostname proxy.example\n")
    hand_over(folder, "proxy")
    with running([SQUID, "-N", "-f", folder / "squid.conf"], port, folder):
        yield port
