"""What is on the disk now is what is served: no answer that begins after a write may show what was before it."""
import os
import shutil

import pytest

from peers import http1


def bodies(site, connection, path="/hello.txt"):
    return http1.get(connection, path, site.host)


def test_200_quick_changes_are_never_served_stale(serve, folder):
    """Written in place, always the same length and often within one tick of the file system's clock."""
    site = serve("--workers", "2")
    with site.connect() as first, site.connect() as second:
        for number in range(200):
            (folder / "hello.txt").write_text(f"text {number:4}\n")
            for connection in (first, second):
                assert bodies(site, connection).body == b"text %4d\n" % number


def test_200_quick_replacements_are_never_served_stale(serve, folder):
    site = serve("--workers", "2")
    with site.connect() as first, site.connect() as second:
        tags = set()
        for number in range(200):
            (folder / "waiting").write_text(f"text {number:4}\n")
            os.rename(folder / "waiting", folder / "hello.txt")
            for connection in (first, second):
                answer = bodies(site, connection)
                assert answer.body == b"text %4d\n" % number
            tags.add(answer.field("etag"))
    assert len(tags) == 200


def test_deleted_and_made_again(serve, folder):
    site = serve()
    with site.connect() as connection:
        for _ in range(20):
            (folder / "hello.txt").unlink()
            assert bodies(site, connection).status == 404
            (folder / "hello.txt").write_text("again\n")
            assert bodies(site, connection).body == b"again\n"


def test_folders_move(serve, folder):
    site = serve()
    (folder / "new").mkdir()
    (folder / "new" / "x.txt").write_text("new\n")
    with site.connect() as connection:
        assert bodies(site, connection, "/sub/x.txt").status == 404
        for _ in range(10):
            os.rename(folder / "sub", folder / "old")
            os.rename(folder / "new", folder / "sub")
            assert bodies(site, connection, "/sub/x.txt").body == b"new\n"
            os.rename(folder / "sub", folder / "new")
            os.rename(folder / "old", folder / "sub")
            assert bodies(site, connection, "/sub/x.txt").status == 404
            assert bodies(site, connection, "/sub/").status == 200


def test_the_index_comes_and_goes(serve, folder):
    site = serve()
    with site.connect() as connection:
        for _ in range(10):
            assert b"It works" in bodies(site, connection, "/").body
            os.rename(folder / "index.html", folder / "away.html")
            assert bodies(site, connection, "/").status in (403, 404)
            os.rename(folder / "away.html", folder / "index.html")


def test_a_compressed_sibling_comes_and_goes(serve, folder):
    import gzip
    site = serve()
    (folder / "hello.txt").write_text("hello\n" * 1000)
    with site.connect() as connection:
        for number in range(10):
            (folder / "hello.txt.gz").write_bytes(gzip.compress(b"zipped %d\n" % number))
            answer = http1.get(connection, "/hello.txt", site.host, "Accept-Encoding: gzip")
            assert gzip.decompress(answer.body) == b"zipped %d\n" % number
            (folder / "hello.txt.gz").unlink()
            answer = http1.get(connection, "/hello.txt", site.host, "Accept-Encoding: gzip")
            assert gzip.decompress(answer.body) == b"hello\n" * 1000


def test_a_link_that_moves(serve, folder):
    for name in ("v1", "v2"):
        (folder / name).mkdir()
        (folder / name / "x.txt").write_text(name)
    (folder / "current").symlink_to("v1")
    site = serve()
    with site.connect() as connection:
        for number in range(20):
            name = ("v2", "v1")[number % 2]
            (folder / "next").symlink_to(name)
            os.rename(folder / "next", folder / "current")
            assert bodies(site, connection, "/current/x.txt").body == name.encode()


def test_the_whole_folder_is_replaced(serve, folder):
    """As a deployment by rename does it: the name of the root leads to another folder."""
    site = serve()
    fresh = folder.parent / "fresh"
    shutil.copytree(folder, fresh)
    (fresh / "hello.txt").write_text("fresh\n")
    with site.connect() as connection:
        assert bodies(site, connection).body == b"hello\n"
        os.rename(folder, folder.parent / "before")
        os.rename(fresh, folder)
        # The root is looked at again after a short while, not at every request.
        from gateway import eventually
        eventually(lambda: bodies(site, connection).body == b"fresh\n", "the new folder is served")


def test_permissions_that_change(serve, folder):
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    site = serve()
    with site.connect() as connection:
        assert bodies(site, connection).status == 200
        (folder / "hello.txt").chmod(0)
        assert bodies(site, connection).status in (403, 404)
