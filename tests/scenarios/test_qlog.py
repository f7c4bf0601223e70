"""qlog: what happened in connections of QUIC, for whoever looks for a fault. Read here as qvis and other programs read it."""
import json
import os
import stat
import subprocess

import pytest

from peers import quic
from gateway import eventually, run

pytestmark = pytest.mark.skipif(quic.program() is None, reason="no gtlsclient on this machine: ./dev test installs it")


def records_of(file):
    """JSON text sequences (RFC 7464): each record between a separator and a line end."""
    text = file.read_bytes()
    assert text.startswith(b"\x1e") and text.endswith(b"\n"), text[-200:]
    return [json.loads(one) for one in text[1:].split(b"\x1e")]


def finished(place, count):
    """So many files whose connections have ended: the last record tells of the end."""
    def probe():
        files = sorted(place.glob("*.sqlog"), key=os.path.getmtime)
        return len(files) == count and all(b"connection_close" in one.read_bytes() for one in files) and files

    return eventually(probe, lambda: f"{count} whole files in {os.listdir(place)}")


def frames(records, event, packet_type):
    return {frame["frame_type"] for record in records if record.get("name") == event
            and record["data"]["header"]["packet_type"] == packet_type for frame in record["data"]["frames"]}


def test_a_file_tells_the_connection(serve, tmp_path):
    place, theirs = tmp_path / "records", tmp_path / "theirs"
    place.mkdir()
    theirs.mkdir()
    site = serve(f"--quic.qlog={place}")
    got = quic.fetch(tmp_path / "got", site.port, "/hello.txt", flags=[f"--qlog-dir={theirs}"])
    assert got.file("hello.txt") == b"hello\n", got.text[-3000:]
    file, = finished(place, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    head, *records = records_of(file)
    assert head["qlog_format"] == "JSON-SEQ" and head["trace"]["vantage_point"]["type"] == "server"
    # The client calls the connection by the same id.
    other, *_ = records_of(next(theirs.iterdir()))
    assert head["trace"]["common_fields"]["group_id"] == other["trace"]["common_fields"]["group_id"] == file.stem
    assert "crypto" in frames(records, "transport:packet_received", "initial")
    assert "crypto" in frames(records, "transport:packet_sent", "handshake")
    assert {"stream", "handshake_done"} <= frames(records, "transport:packet_sent", "1RTT")
    # What could end or begin a connection in somebody's name is not told.
    text = file.read_text()
    assert '"new_token"' in text and '"stateless_reset_token"' in text
    assert all(set(value.split('"')[0]) == {"0"} for value in text.split('"data":"')[1:])


SITE = """
{qlog}
[site."localhost:{port}"]
respond = "home"
"""


def test_a_reload_switches_it_on_and_off(configure, tmp_path):
    place = tmp_path / "records"
    place.mkdir()
    gateway = configure(SITE.replace("{qlog}", ""))
    plain = gateway.config.read_text()
    for number, text in enumerate(["", f'[quic.qlog]\nfolder = "{place}"\nfile_bytes = "16KiB"\n', ""]):
        gateway.config.write_text(text + plain)
        assert run("reload", "--config", gateway.config, home=gateway.home)[0] == 0
        assert quic.fetch(tmp_path / f"got{number}", gateway.port, "/").statuses() == [200]
    finished(place, 1)
    gateway.stop()
    assert len(list(place.iterdir())) == 1


def test_limits_hold(serve, folder, tmp_path):
    """Of three connections the first is recorded in part, the second not at all, and the third finds the folder full."""
    place = tmp_path / "records"
    place.mkdir()
    (folder / "large.bin").write_bytes(bytes(1 << 20))
    site = serve(f"--quic.qlog.folder={place}", "--quic.qlog.file_bytes=16KiB", "--quic.qlog.every=2", "--quic.qlog.files=1")
    for number in range(3):
        got = quic.fetch(tmp_path / f"got{number}", site.port, "/large.bin")
        assert got.file("large.bin") == bytes(1 << 20), got.text[-3000:]
    site.gateway.wait_error("there are 1 files in")
    site.gateway.stop()
    file, = place.iterdir()
    assert 12 * 1024 < file.stat().st_size <= 16 * 1024
    assert len(records_of(file)) > 20


def test_a_folder_that_is_not_there_is_a_fault_of_the_configuration(folder, tmp_path):
    status, _, err = run("serve", folder, f"--quic.qlog={tmp_path}/none", home=tmp_path / "home")
    assert status != 0 and "quic.qlog" in err and "no such folder" in err, err


@pytest.mark.root
def test_a_full_disk_harms_nobody(serve, tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], capture_output=True).returncode != 0:
        pytest.skip("no tmpfs may be mounted here")
    try:
        site = serve(f"--quic.qlog={place}")
        (place / "filler").write_bytes(bytes(60 * 1024))
        for number in range(3):
            got = quic.fetch(tmp_path / f"got{number}", site.port, "/hello.txt", flags=["-n", "30"])
            assert got.statuses() == [200] * 30, got.text[-3000:]
        site.gateway.wait_error("quic.qlog.*[Nn]o space left")
        site.gateway.stop()
        assert site.gateway.stderr().count("o space left") == 1
        for file in place.glob("*.sqlog"):
            if file.stat().st_size:
                records_of(file)  # each one whole
    finally:
        subprocess.run(["umount", place], check=True)
