"""`sallyport check` of SSH with a user's credentials: logging in by key and password, and SFTP."""
import json
import subprocess

import pytest

from checker import report
from gateway import run
from peers import ssh_servers as servers

pytestmark = pytest.mark.root  # sshd changes to a user of its own


@pytest.fixture
def check(tmp_path):
    def ask(target, *flags):
        return report(tmp_path, target, *flags)

    return ask


@pytest.fixture
def users_key(tmp_path):
    """Makes a key, and the line of sshd_config that lets root in with it."""
    def make(kind, *options):
        key = tmp_path / f"user_{kind}"
        subprocess.run(["ssh-keygen", "-q", "-t", kind, *options, "-N", "", "-f", str(key)], check=True)
        return key, f"AuthorizedKeysFile {key}.pub\nPermitRootLogin prohibit-password\n"

    return make


def ids(one):
    return {f["id"] for f in one["findings"]}


def untested(one):
    return {n["id"]: n["reason"] for n in one["not_tested"]}


@pytest.mark.parametrize("kind,options", [("ed25519", ()), ("rsa", ("-b", "2048"))])
@pytest.mark.proves("sftp", "check", "OpenSSH")
def test_sftp_behind_a_key(check, tmp_path, users_key, kind, options):
    key, settings = users_key(kind, *options)
    with servers.openssh(tmp_path / "sshd", settings + "Subsystem sftp internal-sftp\n", {"ed25519": []}) as (port, _):
        one = check(f"sftp://{servers.HOST}:{port}", "--user", "root", "--identity", key)
    login = one["observations"]["ssh"]["login"]
    assert login == {"user": "root", "tried": "publickey", "logged_in": True, "sftp": True, "sftp_version": 3}
    assert not ids(one) & {"ssh.no_sftp"} and "ssh.sftp" not in untested(one) and one["observations"]["connections"] == 1


def test_no_sftp_and_its_mend(check, tmp_path, users_key):
    key, settings = users_key("ed25519")
    flags = ["--user", "root", "--identity", key]
    with servers.openssh(tmp_path / "sshd", settings, {"ed25519": []}) as (port, _):
        one = check(f"sftp://{servers.HOST}:{port}", *flags)
    finding = next(f for f in one["findings"] if f["id"] == "ssh.no_sftp")
    assert finding["severity"] == "high" and one["observations"]["ssh"]["login"]["sftp"] is False
    with servers.openssh(tmp_path / "sshd", settings + finding["snippet"]["text"] + "\n") as (port, _):
        assert "ssh.no_sftp" not in ids(check(f"sftp://{servers.HOST}:{port}", *flags))


def test_a_password_taken_and_refused(check, tmp_path):
    """sshd sees a password file of the test's own."""
    folder, secret, wrong = tmp_path / "sshd", tmp_path / "secret", tmp_path / "wrong"
    secret.write_text("open sesame\n")
    wrong.write_text("open says me\n")
    sealed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input="open sesame\n", capture_output=True, text=True, check=True).stdout.strip()
    shadow = tmp_path / "shadow"
    shadow.write_text(f"root:{sealed}:19000:0:99999:7:::\nsshd:!:19000::::::\n")
    settings = "PermitRootLogin yes\nPasswordAuthentication yes\nSubsystem sftp internal-sftp\n"
    before = ["unshare", "-m", "--", "sh", "-c", f'mount --bind {shadow} /etc/shadow && exec "$@"', "sh"]
    with servers.openssh(folder, settings, {"ed25519": []}, before) as (port, _):
        taken = check(f"sftp://{servers.HOST}:{port}", "--user", "root", "--password-file", secret)
        refused = check(f"sftp://{servers.HOST}:{port}", "--user", "root", "--password-file", wrong)
    assert taken["observations"]["ssh"]["login"]["sftp"] and taken["observations"]["ssh"]["login"]["tried"] == "password"
    login = refused["observations"]["ssh"]["login"]
    assert login["logged_in"] is False and "sftp" not in login and "refused" in untested(refused)["ssh.sftp"]
    assert "open s" not in json.dumps([taken, refused])


def test_without_credentials_it_says_so(check, tmp_path):
    with servers.openssh(tmp_path / "sshd", "", {"ed25519": []}) as (port, _):
        one = check(f"sftp://{servers.HOST}:{port}")
        ssh = check(f"ssh://{servers.HOST}:{port}")
    assert "--user" in untested(one)["ssh.sftp"] and "login" not in one["observations"]["ssh"]
    assert "ssh.sftp" not in untested(ssh) and one["observations"]["ssh"]["methods"]


@pytest.mark.parametrize("flags,words", [(["--user", "root"], "--identity"), (["--identity", "nowhere"], "nowhere")])
def test_credentials_that_are_none(tmp_path, flags, words):
    status, _, err = run("check", "sftp://127.0.0.1:1", *flags, home=tmp_path)
    assert status not in (0, 1) and words in err
