"""Certificates of a small authority of our own, made with the openssl command."""
import pathlib
import subprocess


def openssl(*arguments, stdin=b""):
    """Runs `openssl` and returns its standard output; raises with its complaint when it fails."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments}: {done.stderr.decode(errors='replace')}")
    return done.stdout


class Pair:
    """A certificate file and the file with its key."""

    def __init__(self, certificate, key):
        self.certificate, self.key = pathlib.Path(certificate), pathlib.Path(key)

    def serial(self):
        text = openssl("x509", "-in", self.certificate, "-noout", "-serial").decode()
        return int(text.strip().split("=")[1], 16)

    def replace_by(self, other):
        """As a renewal does it: both files are renamed over, one after the other."""
        for mine, new in ((self.certificate, other.certificate), (self.key, other.key)):
            waiting = mine.with_suffix(".new")
            waiting.write_bytes(new.read_bytes())
            waiting.rename(mine)


class Authority:
    """A root that vouches for any name, and what it issues, in one folder."""

    def __init__(self, folder, name="Scenario Root"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root, self.root_key = self.folder / "root.pem", self.folder / "root.key"
        self.count = 0
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.root_key)
        openssl("req", "-x509", "-new", "-key", self.root_key, "-subj", f"/CN={name}", "-days", "30",
                "-out", self.root, "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def make_key(self, path, kind="ec"):
        if kind == "ec":
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
        else:
            openssl("genrsa", "-out", path, "2048")
        return path

    def issue(self, *names, kind="ec", days=20, usage="serverAuth"):
        """A leaf for `names`, as files that nobody else uses."""
        self.count += 1
        stem = self.folder / f"leaf{self.count}"
        key = self.make_key(stem.with_suffix(".key"), kind)
        request = openssl("req", "-new", "-key", key, "-subj", f"/CN={names[0]}")
        extensions = stem.with_suffix(".ext")
        wanted = ",".join(f"DNS:{name}" for name in names)
        extensions.write_text(f"subjectAltName={wanted}\nextendedKeyUsage={usage}\n"
                              "keyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n")
        certificate = stem.with_suffix(".pem")
        openssl("x509", "-req", "-CA", self.root, "-CAkey", self.root_key, "-set_serial", 1000 + self.count,
                "-days", days, "-extfile", extensions, "-out", certificate, stdin=request)
        return Pair(certificate, key)
