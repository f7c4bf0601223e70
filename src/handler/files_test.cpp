#include "handler/files.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iterator>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

TEST(Files, ASmallFileIsAnsweredFromMemoryTheSecondTime) {
  TestSite site;
  site.folder.write("index.html", "<p>hello");
  const TestAnswer first = site.get("/");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "<p>hello");
  EXPECT_EQ(first["content-type"], "text/html; charset=utf-8");
  EXPECT_EQ(first["content-length"], "8");
  EXPECT_EQ(first["accept-ranges"], "bytes");
  EXPECT_FALSE(first.at_once);
  const TestAnswer second = site.get("/");
  EXPECT_TRUE(second.at_once);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second["etag"], first["etag"]);
  EXPECT_EQ(site.cache->count(), 1u);
}

TEST(Files, HeadSaysWhatGetWouldSay) {
  TestSite site;
  site.folder.write("a.txt", "text");
  site.folder.write("large.bin", std::string(1'000'000, 'x'));
  for (const char* path : {"/a.txt", "/large.bin", "/a.txt"}) {
    const TestAnswer get = site.get(path), head = site.ask("HEAD", path);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.fields, get.fields);
    EXPECT_EQ(head.length, get.length);
  }
}

TEST(Files, OtherMethodsAreRefusedWithWhatIsAllowed) {
  TestSite site;
  site.folder.write("a.txt", "text");
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"}) {
    const TestAnswer a = site.ask(method, "/a.txt");
    EXPECT_EQ(a.status, 405) << method;
    EXPECT_EQ(a["allow"], "GET, HEAD, OPTIONS");
  }
  for (const char* path : {"/a.txt", "*"}) {
    const TestAnswer a = site.ask("OPTIONS", path);
    EXPECT_EQ(a.status, 204);
    EXPECT_EQ(a["allow"], "GET, HEAD, OPTIONS");
    EXPECT_EQ(a.body, "");
  }
}

TEST(Files, PathsThatLeadNowhereAre404) {
  TestSite site;
  site.folder.write("a.txt", "text");
  site.folder.write(".env", "secret");
  site.folder.write(".git/config", "secret");
  site.folder.write("b/.htpasswd", "secret");
  site.folder.write("empty/x/y", "");
  for (const char* path :
       {"/nothing", "/a.txt/", "/a.txt/b", "/.env", "/%2eenv", "/.git/config", "/b/.htpasswd",
        "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/a.txt%00", "/a.txt%00.html",
        "/empty/", "/a\\b", "/%5c..%5ca.txt", "/...", "/A.TXT", "/a.txt%20", "/a.txt."}) {
    const TestAnswer a = site.get(path);
    EXPECT_EQ(a.status, 404) << path;
    EXPECT_EQ(a.body.find("secret"), a.body.npos) << path;
    EXPECT_EQ(a["cache-control"], "no-store");
  }
}

TEST(Files, WellKnownIsServedThoughItBeginsWithADot) {
  TestSite site;
  site.folder.write(".well-known/security.txt", "Contact: mailto:x@example.com\n");
  EXPECT_EQ(site.get("/.well-known/security.txt").status, 200);
}

TEST(Files, EscapesAreDecodedOnce) {
  TestSite site;
  site.folder.write("a b.txt", "space");
  site.folder.write("100%.txt", "percent");
  site.folder.write("%41.txt", "literal");
  for (int round = 0; round < 2; ++round) {  // from disk, then from memory
    EXPECT_EQ(site.get("/a%20b.txt").body, "space");
    EXPECT_EQ(site.get("/%61%20b.txt").body, "space");
    EXPECT_EQ(site.get("/100%25.txt").body, "percent");
    EXPECT_EQ(site.get("/%2541.txt").body, "literal");
    EXPECT_EQ(site.get("/%41.txt").status, 404);
  }
  EXPECT_EQ(site.cache->count(), 3u);
}

TEST(Files, AFolderIsAskedForWithItsSlash) {
  TestSite site;
  site.folder.write("docs/index.html", "docs");
  site.folder.write("with space/index.html", "docs");
  TestAnswer a = site.get("/docs");
  EXPECT_EQ(a.status, 308);
  EXPECT_EQ(a["location"], "/docs/");
  EXPECT_EQ(site.get("/docs?a=b&c")["location"], "/docs/?a=b&c");
  EXPECT_EQ(site.get("/docs?")["location"], "/docs/?");
  EXPECT_EQ(site.get("/with%20space")["location"], "/with%20space/");
  EXPECT_EQ(site.get("/docs/").body, "docs");
  EXPECT_EQ(site.get("/docs/?a=b").body, "docs");
}

TEST(Files, NoRedirectLeadsToAnotherHost) {
  TestSite site;
  std::filesystem::create_directories(site.folder / "evil.example");
  EXPECT_EQ(site.get("//evil.example")["location"], "/evil.example");
  EXPECT_EQ(site.get("///evil.example?x")["location"], "/evil.example?x");
  EXPECT_EQ(site.get("/evil.example")["location"], "/evil.example/");
  EXPECT_EQ(site.get("/\\evil.example").status, 404);
  EXPECT_EQ(site.get("//%2e%2e/").status, 404);
}

TEST(Files, TheFirstIndexThatIsThereIsSent) {
  TestSite site;
  site.config.index = {"index.html", "index.txt"};
  site.folder.write("a/index.txt", "second");
  EXPECT_EQ(site.get("/a/").body, "second");
  EXPECT_TRUE(site.get("/a/").at_once);
  site.folder.write("a/index.html", "first");
  EXPECT_EQ(site.get("/a/").body, "first");
  std::filesystem::remove(site.folder / "a/index.html");
  EXPECT_EQ(site.get("/a/").body, "second");
}

TEST(Files, TryServesASinglePageApplicationFromOneCachedFile) {
  TestSite site;
  site.config.try_paths = {"{path}", "{path}.html", "/index.html"};
  site.folder.write("index.html", "app");
  site.folder.write("about.html", "about");
  site.folder.write("app.js", "script");
  EXPECT_EQ(site.get("/").body, "app");
  EXPECT_EQ(site.get("/app.js").body, "script");
  EXPECT_EQ(site.get("/about").body, "about");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(site.get("/users/" + std::to_string(i)).body, "app");
  EXPECT_EQ(site.get("/users/").body, "app");
  EXPECT_EQ(site.cache->count(), 4u);  // "/", "/app.js", "/about.html", "/index.html"
  site.folder.write("users/1", "user");
  EXPECT_EQ(site.get("/users/1").body, "user");
}

TEST(Files, TryCannotPutADotfileTogether) {
  TestSite site;
  site.config.try_paths = {"{path}", "{path}.html"};
  site.folder.write("a/.html", "secret");
  EXPECT_EQ(site.get("/a/").status, 404);
}

TEST(Files, TryPutsAFixedPathFirst) {
  TestSite site;
  site.config.try_paths = {"/maintenance.html", "{path}"};
  site.folder.write("a.txt", "text");
  EXPECT_EQ(site.get("/a.txt").body, "text");
  EXPECT_EQ(site.get("/a.txt").body, "text");
  site.folder.write("maintenance.html", "soon");
  EXPECT_EQ(site.get("/a.txt").body, "soon");
}

TEST(Files, ErrorPagesOfTheSite) {
  TestSite site;
  site.config.errors = {{404, "/errors/404.html"}, {403, "/gone.html"}};
  site.folder.write("errors/404.html", "<p>lost");
  for (int round = 0; round < 2; ++round) {
    const TestAnswer a = site.get("/nothing", {{"if-none-match", "*"}, {"range", "bytes=0-1"}});
    EXPECT_EQ(a.status, 404);
    EXPECT_EQ(a.body, "<p>lost");
    EXPECT_EQ(a["content-type"], "text/html; charset=utf-8");
    EXPECT_EQ(a["cache-control"], "no-store");
    EXPECT_FALSE(a.has("etag"));
  }
  std::filesystem::remove(site.folder / "errors/404.html");
  EXPECT_EQ(site.get("/nothing").status, 404);
}

TEST(Files, CacheControlAndTypesAsConfigured) {
  TestSite site;
  site.config.cache_control = "max-age=60";
  site.config.types = {{"foo", "application/foo"}};
  site.folder.write("a.foo", "x");
  const TestAnswer a = site.get("/a.foo");
  EXPECT_EQ(a["cache-control"], "max-age=60");
  EXPECT_EQ(a["content-type"], "application/foo");
  EXPECT_EQ(site.get("/nothing")["cache-control"], "no-store");
}

TEST(Files, TheRootMayHangOnALinkThatIsTurned) {
  TestFolder releases;
  releases.write("1/index.html", "one");
  releases.write("2/index.html", "two");
  std::filesystem::create_directory_symlink("1", releases / "current");
  TestSite site;
  site.config.root = releases / "current";
  EXPECT_EQ(site.get("/").body, "one");
  EXPECT_TRUE(site.get("/").at_once);
  std::filesystem::create_directory_symlink("2", releases / "next");
  std::filesystem::rename(releases / "next", releases / "current");
  EXPECT_EQ(site.get("/").body, "two");
}

TEST(Files, ARootThatIsNotThereIsAnErrorAtOnce) {
  TestSite site;
  site.config.root = site.folder / "nothing";
  const auto made = Files::make(site.config, *site.cache);
  ASSERT_FALSE(made);
  EXPECT_TRUE(made.error().is(kRootUnusable));
  EXPECT_NE(made.error().detail().find("nothing"), std::string::npos);
}

/// From now on this thread opens no file: the kernel says that there is no descriptor left. A real
/// limit would take the pipes too by which the sanitizers look at memory.
bool refuse_descriptors() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(rules), rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

TEST(Files, WithoutDescriptorsTheErrorSaysSo) {
  TestSite site(0);
  site.folder.write("a.txt", "text");
  site.folder.write("b.txt", "text");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool before = site.get("/b.txt").body == "text";
    const bool refused = refuse_descriptors();
    ::_exit(before && refused && site.get("/a.txt").error == "os.too_many_files" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sally::handler
