// handler/test_site.h - a folder of real files and a handler over it, asked as a codec would ask. For tests
// only.
#pragma once
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <utime.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "handler/file_cache.h"
#include "handler/files.h"
#include "http/exchange.h"
#include "loop/loop.h"
#include "loop/offload.h"

namespace sally::handler {

/// A folder that is removed with all that is in it.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sally-files-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = std::filesystem::canonical(name);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Makes the folders above it too.
  void write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary | std::ios::trunc) << text;
  }
  /// Sets when it was changed last, in seconds since 1970.
  void date(std::string_view name, std::int64_t seconds) const {
    const utimbuf times{seconds, seconds};
    if (::utime((path_ / name).c_str(), &times) != 0) std::abort();
  }

 private:
  std::filesystem::path path_;
};

/// What came of a request.
struct TestAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::string error;                    ///< id of what ended it, or of what handle() returned
  bool at_once = false;                 ///< answer_now() did it
  std::optional<std::uint64_t> length;  ///< of the body, if it was known before

  std::string operator[](std::string_view name) const {
    for (const auto& [n, value] : fields)
      if (n == name) return value;
    return "";
  }
  bool has(std::string_view name) const {
    for (const auto& [n, value] : fields)
      if (n == name) return true;
    return false;
  }
};

/// Takes the part of a codec for one exchange.
class TestRequest final : private http::ExchangeOwner {
 public:
  TestRequest(Loop& loop, http::Handler& handler) : x(64 * 1024), loop_(loop), handler_(handler) {}

  http::Exchange x;
  bool woken = false;
  std::string error;

  /// Until it is answered. True: at once.
  bool ask() {
    x.owned_by(*this);
    if (handler_.answer_now(x)) return true;
    x.handling = Running<Result<Unit>>(handler_.handle(x));
    x.handling.start();
    while (!x.handling.done()) loop_.turn(std::chrono::seconds(10));
    const Result<Unit> ended = x.handling.take();
    if (!ended) error = ended.error().kind().id;
    return false;
  }
  /// The next piece of the body, at most `want`; waits for it. nullopt: the end, or an error.
  std::optional<std::string> next(std::size_t want) {
    for (;;) {
      woken = false;
      const Result<http::BodyView> view = x.response.body.view(want);
      if (!view) {
        error = view.error().kind().id;
        return std::nullopt;
      }
      std::string piece(as_text(view->bytes));
      x.response.body.consume(piece.size());
      if (!piece.empty()) return piece;
      if (view->end) return std::nullopt;
      while (!woken) loop_.turn(std::chrono::seconds(10));
    }
  }

 private:
  void response_ready(http::Exchange&) override {}
  void body_ready(http::Exchange&) override { woken = true; }
  void interim_ready(http::Exchange&) override {}
  void abort(http::Exchange&, Error why) override { error = why.kind().id; }

  Loop& loop_;
  http::Handler& handler_;
};

/// A site of one core. Change `config` before the first request.
class TestSite {
 public:
  explicit TestSite(unsigned pool_threads = 1)
      : pool_(pool_threads), loop_(Loop::make(pool_threads ? &pool_ : nullptr).value()) {
    config.root = folder.path();
    cache.emplace(*loop_);
  }
  /// The handler goes before the cache, both before the loop.
  ~TestSite() {
    files.reset();
    cache.reset();
  }

  TestFolder folder;
  FilesConfig config;

  using FieldList = std::vector<std::pair<std::string, std::string>>;

  TestAnswer get(std::string_view target, const FieldList& fields = {}) { return ask("GET", target, fields); }
  TestAnswer ask(std::string_view method, std::string_view target, const FieldList& fields = {},
                 std::size_t want = 16 * 1024) {
    TestRequest request(*loop_, handler());
    fill(request.x, method, target, fields);
    TestAnswer out;
    loop_->turn(Duration::zero());  // as before each request: what changed is seen first
    out.at_once = request.ask();
    const http::Response& r = request.x.response;
    out.status = r.status;
    out.length = r.body.length();
    if (r.prepared)
      for (const http::Field& f : r.prepared->fields) out.fields.emplace_back(f.name, f.value);
    for (const http::Field& f : r.fields) out.fields.emplace_back(f.name, f.value);
    if (method != "HEAD")
      while (const auto piece = request.next(want)) out.body += *piece;
    out.error = request.error;
    return out;
  }

  static void fill(http::Exchange& x, std::string_view method, std::string_view target,
                   const FieldList& fields) {
    target = x.arena.copy(target);
    const std::size_t mark = target.find('?');
    x.request.method = http::method_from(method);
    x.request.method_text = x.arena.copy(method);
    x.request.scheme = "https";
    x.request.host = "localhost";
    x.request.path = target.substr(0, mark);
    x.request.has_query = mark != target.npos;
    if (x.request.has_query) x.request.query = target.substr(mark + 1);
    for (const auto& [name, value] : fields) x.request.fields.add(x.arena.copy(name), x.arena.copy(value));
  }

  http::Handler& handler() {
    if (!files) files = Files::make(config, *cache).value();
    return *files;
  }
  Loop& loop() { return *loop_; }

  std::optional<FileCache> cache;
  std::unique_ptr<Files> files;

 private:
  OffloadPool pool_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace sally::handler
