"""Certificates with any extensions, sound or not."""
import datetime

from . import pki


class Maker:
    """Certificates with any extensions, from a root of its own."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def make(self, subject, extensions, issuer=None, kind="ec", begin="20260101000000Z", end=None):
        self.count += 1
        key, out, wanted = (self.folder / f"{self.count}.{end_}" for end_ in ("key", "pem", "ext"))
        if kind == "ec":
            pki.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        else:
            pki.openssl("genrsa", "-out", key, "2048")
        request = self.folder / f"{self.count}.csr"
        request.write_bytes(pki.openssl("req", "-new", "-key", key, "-subj", subject))
        wanted.write_text(extensions)
        database = self.folder / f"{self.count}.db"
        database.write_text("")
        config = self.folder / f"{self.count}.cnf"
        config.write_text(f"[ca]\ndefault_ca=x\n[x]\ndatabase={database}\nnew_certs_dir={self.folder}\nrand_serial=yes\npolicy=p\n"
                          "default_md=sha256\n[p]\ncommonName=optional\norganizationName=optional\n")
        days = datetime.timedelta(days=20)
        end = end or (datetime.datetime.now(datetime.timezone.utc) + days).strftime("%Y%m%d%H%M%SZ")
        begin_ = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).strftime("%Y%m%d%H%M%SZ") if begin is None else begin
        signer = ["-cert", issuer.certificate, "-keyfile", issuer.key] if issuer else ["-selfsign", "-keyfile", key]
        pki.openssl("ca", "-batch", "-notext", "-config", config, "-in", request, "-out", out, "-startdate", begin_, "-enddate", end,
                    "-extfile", wanted, *signer)
        return pki.Pair(out, key)

    def root(self, subject="/CN=A Root", more=""):
        return self.make(subject, f"basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n{more}", begin=None)

    def leaf(self, issuer, kind="ec", usage="digitalSignature", name="localhost", extensions="", **more):
        return self.make(f"/CN={name}", f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\nkeyUsage={usage}\nbasicConstraints=CA:FALSE\n{extensions}",
                         issuer, kind, begin=None, **more)
