"""Servers of Debian that begin in plain text, each in its own folder on 127.0.0.2 and a free port.

127.0.0.2: the client comes from 127.0.0.1, and several servers trust a client that has their own address.
"""
import contextlib
import functools
import os
import pathlib
import shutil
import socket
import subprocess

from peers import process

HOST = "127.0.0.2"


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


running = functools.partial(process.running, host=HOST)


def let_in(tmp_path):
    """The servers change to users of their own, who must get there."""
    for above in [tmp_path, *tmp_path.parents][:3]:
        above.chmod(0o755)


def hand_over(folder, user):
    for path in [folder, *folder.rglob("*")]:
        shutil.chown(path, user, user)


@contextlib.contextmanager
def postfix(folder, pair, settings=""):
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    for name in ("conf", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix", "postfix")
    (folder / "conf/main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n"
        "command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\nsetgid_group = postdrop\n"
        "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = localhost\nmaillog_file = /dev/stdout\n"
        f"smtpd_tls_cert_file = {pair.certificate}\nsmtpd_tls_key_file = {pair.key}\nsmtpd_tls_security_level = may\n"
        "smtpd_tls_protocols = >=TLSv1.2\n" + settings)
    (folder / "conf/master.cf").write_text(
        f"{HOST}:{port} inet n - n - - smtpd\npickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n"
        "tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\nproxymap unix - - n - - proxymap\nanvil unix - - n - 1 anvil\n"
        "postlog unix-dgram n - n - 1 postlogd\nbounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n")
    with running(["postfix", "-c", folder / "conf", "start-fg"], port, folder, start_new_session=True):
        try:
            yield port
        finally:
            subprocess.run(["postfix", "-c", str(folder / "conf"), "stop"], capture_output=True, check=False)


@contextlib.contextmanager
def dovecot(folder, pair, settings="ssl = required\ndisable_plaintext_auth = yes\n"):
    """Ports of IMAP and POP3."""
    folder.mkdir()
    folder.chmod(0o755)
    imap, pop3 = free_port(), free_port()
    (folder / "dovecot.conf").write_text(
        f"base_dir = {folder}/run\nstate_dir = {folder}\nlog_path = /dev/stderr\nprotocols = imap pop3\nlisten = {HOST}\n"
        f"ssl_cert = <{pair.certificate}\nssl_key = <{pair.key}\n"
        f"service imap-login {{\n inet_listener imap {{\n port = {imap}\n }}\n inet_listener imaps {{\n port = 0\n }}\n}}\n"
        f"service pop3-login {{\n inet_listener pop3 {{\n port = {pop3}\n }}\n inet_listener pop3s {{\n port = 0\n }}\n}}\n"
        "passdb {\n driver = static\n args = password=none\n}\nuserdb {\n driver = static\n args = uid=nobody gid=nogroup home=/nonexistent\n}\n"
        + settings)
    with running(["dovecot", "-F", "-c", folder / "dovecot.conf"], imap, folder):
        yield imap, pop3


@contextlib.contextmanager
def vsftpd(folder, pair, settings="force_local_logins_ssl=YES\nforce_local_data_ssl=YES\n"):
    folder.mkdir()
    (folder / "empty").mkdir(mode=0o755)
    port = free_port()
    (folder / "vsftpd.conf").write_text(
        f"listen=YES\nlisten_address={HOST}\nlisten_port={port}\nbackground=NO\nlocal_enable=YES\nanonymous_enable=NO\n"
        f"secure_chroot_dir={folder}/empty\nseccomp_sandbox=NO\nisolate=NO\nisolate_network=NO\nssl_enable=YES\n"
        f"rsa_cert_file={pair.certificate}\nrsa_private_key_file={pair.key}\nssl_ciphers=HIGH\nxferlog_enable=NO\n" + settings)
    with running(["vsftpd", folder / "vsftpd.conf"], port, folder):
        yield port


@contextlib.contextmanager
def slapd(folder, pair, settings="security simple_bind=128\n", scheme="ldap", database=""):
    folder.mkdir()
    port = free_port()
    (folder / "db").mkdir()
    (folder / "slapd.conf").write_text(
        f"include /etc/ldap/schema/core.schema\npidfile {folder}/pid\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f"TLSCertificateFile {pair.certificate}\nTLSCertificateKeyFile {pair.key}\n{settings}"
        f'database mdb\nsuffix "dc=example"\ndirectory {folder}/db\n{database}')
    with running(["slapd", "-d", "0", "-f", folder / "slapd.conf", "-h", f"{scheme}://{HOST}:{port}"], port, folder):
        yield port


@contextlib.contextmanager
def postgres(folder, pair, access="hostssl all all 0.0.0.0/0 scram-sha-256\n", ssl="on"):
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    db = folder / "db"
    db.mkdir()
    shutil.chown(db, "postgres", "postgres")
    subprocess.run([str(programs / "initdb"), "-D", str(db), "--no-sync", "-A", "peer"], user="postgres", group="postgres", extra_groups=[],
                   check=True, capture_output=True, cwd="/")
    for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
        shutil.copy(source, db / name)
        shutil.chown(db / name, "postgres", "postgres")
        (db / name).chmod(0o600)
    (db / "pg_hba.conf").write_text(access)
    with running([programs / "postgres", "-D", db, "-p", port, "-c", f"listen_addresses={HOST}", "-c", f"ssl={ssl}", "-c", "fsync=off",
                  "-c", "unix_socket_directories="], port, folder, user="postgres", cwd="/"):
        yield port


@contextlib.contextmanager
def mariadb(folder, pair, settings=("--require-secure-transport=ON",)):
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
        shutil.copy(source, folder / name)
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={folder}/db", "--auth-root-authentication-method=normal", "--user=mysql"],
                   check=True, capture_output=True)
    hand_over(folder, "mysql")
    with running(["mariadbd", "--no-defaults", f"--datadir={folder}/db", f"--bind-address={HOST}", f"--port={port}", f"--socket={folder}/sock",
                  f"--pid-file={folder}/pid", f"--ssl-cert={folder}/server.crt", f"--ssl-key={folder}/server.key", "--skip-name-resolve",
                  *settings], port, folder, user="mysql", cwd="/"):
        yield port


@contextlib.contextmanager
def prosody(folder, pair, settings="c2s_require_encryption = true\n"):
    folder.mkdir()
    folder.chmod(0o755)
    port = free_port()
    for source, name in ((pair.certificate, "server.crt"), (pair.key, "server.key")):
        shutil.copy(source, folder / name)
    (folder / "prosody.cfg.lua").write_text(
        f'pidfile = "{folder}/pid"\ndata_path = "{folder}"\nlog = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}\n'
        f'interfaces = {{ "{HOST}" }}\nc2s_ports = {{ {port} }}\ns2s_ports = {{}}\nmodules_enabled = {{ "saslauth", "tls" }}\n'
        f'modules_disabled = {{ "s2s" }}\nauthentication = "internal_plain"\nssl = {{ key = "{folder}/server.key", certificate = "{folder}/server.crt" }}\n'
        f'{settings}VirtualHost "localhost"\n')
    hand_over(folder, "prosody")
    with running(["prosody", "-F", "--config", folder / "prosody.cfg.lua"], port, folder, user="prosody", cwd="/", env=dict(os.environ, HOME=str(folder))):
        yield port
