#include "handler/files.h"

#include <algorithm>

#include "handler/encoder.h"
#include "handler/error_page.h"
#include "handler/file_answer.h"
#include "handler/listing.h"
#include "handler/media_type.h"
#include "handler/redirect.h"
#include "handler/request_path.h"
#include "loop/offload.h"

// Work for the offload pool gets a name before it is awaited: GCC 12 copies a lambda that is a temporary of a
// co_await expression octet by octet, and frees what it captured twice.

namespace sally::handler {
namespace {

using namespace std::chrono_literals;
using Form = std::shared_ptr<const Representation>;

constexpr std::string_view kAllowed = "GET, HEAD, OPTIONS";
constexpr std::array kMade = {Coding::zstd, Coding::br, Coding::gzip};  // what is cheapest to make first

/// A file of more than this part of the cache would push out too much else.
constexpr std::size_t kShareOfCache = 4;

/// A file that changes again and again while it is read is answered as it was read last, and not kept.
constexpr int kLoadTries = 3;

std::string expand(const std::string& pattern, const std::string& path) {
  constexpr std::string_view kPath = "{path}";
  return pattern.starts_with(kPath) ? path + pattern.substr(kPath.size()) : pattern;
}

using Contents = std::array<std::string, 4>;  // as it is, then by Coding

/// nullopt: it would have to wait.
Result<std::optional<Contents>> read_contents(const Found& found, Patience patience) {
  Contents out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Opened& file = i == 0 ? found.file : found.siblings[i - 1];
    if (!file.is_file()) continue;
    out[i].resize(file.stamp.size);
    const std::span<std::byte> to = std::as_writable_bytes(std::span(out[i]));
    TRY(const auto got, read_exactly(file.fd.get(), 0, to, patience));
    if (!got) return std::optional<Contents>();
  }
  return std::optional(std::move(out));
}

}  // namespace

/// What of a request's fields decides how it is answered.
struct Files::Wishes {
  CodingWeights weights;
  bool conditional = false;
  bool range = false;
};

/// Watched from before its contents are read until it is kept; given up if that never comes.
struct Files::Loading {
  FileCache& cache;
  std::shared_ptr<CachedFile> file;
  ~Loading() {
    if (file) cache.drop(*file);
  }
};

/// Somebody compresses a form, until it is there or the client has gone.
struct Files::Making {
  std::shared_ptr<CachedFile> file;
  Coding coding;
  Making(std::shared_ptr<CachedFile> f, Coding c) : file(std::move(f)), coding(c) { mark(true); }
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
  ~Making() { mark(false); }
  void mark(bool on) const { file->being_made[static_cast<std::size_t>(coding)] = on; }
};

Result<std::unique_ptr<Files>> Files::make(const FilesConfig& config, FileCache& cache) {
  TRY(auto root, RootFolder::open(config.root, config.symlinks));
  return std::unique_ptr<Files>(
      new Files(std::make_shared<const FilesConfig>(config), cache, std::move(root)));
}

Files::Files(std::shared_ptr<const FilesConfig> config, FileCache& cache,
             std::shared_ptr<const RootFolder> root)
    : config_(std::move(config)),
      cache_(cache),
      loop_(cache.loop()),
      root_(std::move(root)),
      site_(cache.add_site(config_->cache_bytes)),
      small_bytes_(std::min(config_->cache_file_bytes, config_->cache_bytes / kShareOfCache)),
      direct_(config_->try_paths.empty() || config_->try_paths.front() == "{path}") {
  cache_.watch_root(config_->root, [this] {
    root_known_until_ = {};
    look_at_root();
  });
}

/// The way to the root may lead to another folder now. If it leads nowhere, the old one is served on: a link
/// that is replaced is away for a moment.
void Files::look_at_root() {
  if (loop_.now() < root_known_until_) return;
  root_known_until_ = loop_.now() + 1s;
  if (root_->is_current()) return;
  auto opened = RootFolder::open(config_->root, config_->symlinks);
  if (!opened) return;
  root_ = std::move(*opened);
  cache_.drop_site(site_);
}

bool Files::answer_now(http::Exchange& x) {
  const http::Request& request = x.request;
  if (request.method != http::Method::get && request.method != http::Method::head) return answer_method(x);
  look_at_root();
  if (!direct_) return false;
  if (request.path.find('%') == request.path.npos) return answer_cached(x, request.path);
  const auto path = decode_path(request.path, config_->dotfiles);
  return path && answer_cached(x, *path);
}

bool Files::answer_method(http::Exchange& x) {
  x.response.fields.add("allow", kAllowed);
  if (x.request.method == http::Method::options) {
    x.response.status = 204;
    x.respond();
  } else {
    respond_with_error(x, 405);
  }
  return true;
}

bool Files::answer_cached(http::Exchange& x, std::string_view path) {
  CachedFile* const file = cache_.find(site_, path);
  if (file == nullptr) return false;
  if (!file->watched || loop_.now() >= file->trusted_until) {
    if (!root_->local()) return false;
    if (!is_unchanged(*root_, file->made_of)) {
      cache_.drop(*file);
      return false;
    }
    cache_.trust(*file);
  }
  const Wishes wishes = wishes_of(x.request);
  const auto coding = choose(*file, wishes);
  if (!coding) {
    answer_form(x, file->as_is(), wishes, 0);
    return true;
  }
  const Form& form = file->in(*coding);
  if (!form) return false;  // it must be made first
  answer_form(x, form, wishes, 0);
  return true;
}

Files::Wishes Files::wishes_of(const http::Request& request) {
  Wishes out;
  const http::Field* accepted = nullptr;
  for (const http::Field& f : request.fields) {
    switch (f.name.size()) {
      case 5:
        if (f.name == "range") out.range = out.conditional = true;
        break;
      case 15:
        if (f.name == "accept-encoding") {
          if (accepted)
            return {accepted_codings(request.fields), is_conditional(request.fields),
                    request.fields.first("range").has_value()};
          accepted = &f;
        }
        break;
      default:
        if (f.name.starts_with("if-")) out.conditional = true;
    }
    if (f.name.size() == 8 && f.name == "if-match") out.conditional = true;
  }
  if (!accepted) return out;
  if (accepted->value != last_accepted_) {
    last_accepted_ = accepted->value;
    last_weights_ = accepted_codings(accepted->value);
  }
  out.weights = last_weights_;
  return out;
}

/// nullopt: as it is. A part of a file is always a part of it as it is. Files that are there in a coding are
/// better than what would have to be made.
std::optional<Coding> Files::choose(const CachedFile& file, const Wishes& wishes) const {
  if (wishes.range) return std::nullopt;
  if (const auto best = choose_coding(wishes.weights, file.siblings)) return best;
  if (!file.compressible) return std::nullopt;
  const auto best = choose_coding(wishes.weights, kMade);
  // Somebody makes it now: that is not worth waiting for.
  if (best && file.being_made[static_cast<std::size_t>(*best)]) return std::nullopt;
  return best;
}

void Files::answer_form(http::Exchange& x, const Form& form, const Wishes& wishes, int page_status) {
  if (page_status != 0) return answer_with_page(x, cache_, page_status, form);
  if (!form->described.coding && wishes.weights.identity == 0) return respond_with_error(x, 406);
  if (wishes.conditional) return answer_file(x, cache_, form, config_->max_ranges);
  answer_whole(x, cache_, form);
}

Task<Result<Unit>> Files::handle(http::Exchange& x) {
  const auto path = decode_path(x.request.path, config_->dotfiles);
  if (path) co_return co_await answer_path(x, *path);
  if (const auto once = single_slashes(x.request.path); once && decode_path(*once, config_->dotfiles)) {
    std::string location = *once;
    if (x.request.has_query) location.append("?").append(x.request.query);
    respond_with_redirect(x, 308, location);
    co_return Unit{};
  }
  co_return co_await answer_error(x, 404);
}

Task<Result<Unit>> Files::answer_path(http::Exchange& x, const std::string& path) {
  static const std::vector<std::string> kOwn = {"{path}"};
  bool forbidden = false, folder = false;
  for (const std::string& pattern : config_->try_paths.empty() ? kOwn : config_->try_paths) {
    const std::string candidate = expand(pattern, path);
    if (!is_servable_path(candidate, config_->dotfiles)) continue;
    CO_TRY(const Tried tried, co_await try_path(x, candidate, 0));
    if (tried == Tried::answered) co_return Unit{};
    forbidden = forbidden || tried == Tried::forbidden;
    folder = folder || (tried == Tried::folder && candidate == path);
  }
  if (folder && config_->listing) co_return co_await answer_folder(x, path);
  co_return co_await answer_error(x, forbidden ? 403 : 404);
}

Task<Result<Files::Tried>> Files::try_path(http::Exchange& x, const std::string& path, int page_status) {
  CO_TRY(std::shared_ptr<CachedFile> file, co_await cached(path));
  if (!file) {
    CO_TRY(Found found, co_await find(path));
    switch (found.kind) {
      case Found::Kind::missing:
      case Found::Kind::must_wait:
        co_return Tried::missing;
      case Found::Kind::forbidden:
        co_return Tried::forbidden;
      case Found::Kind::folder:
        co_return Tried::folder;
      case Found::Kind::needs_slash: {
        if (page_status != 0) co_return Tried::missing;
        std::string location(x.request.path);
        location += '/';
        if (x.request.has_query) location.append("?").append(x.request.query);
        respond_with_redirect(x, 308, location);
        co_return Tried::answered;
      }
      case Found::Kind::file:
        break;
    }
    if (found.file.stamp.size > small_bytes_) {
      answer_large(x, found, page_status);
      co_return Tried::answered;
    }
    CO_TRY(file, co_await load(path, std::move(found)));
    if (!file) co_return Tried::missing;
  }
  CO_TRY_VOID(co_await answer_small(x, std::move(file), page_status));
  co_return Tried::answered;
}

Task<Result<Found>> Files::find(const std::string& path) {
  if (root_->local() || loop_.pool() == nullptr) {
    const Patience patience = loop_.pool() ? Patience::none : Patience::some;
    CO_TRY(Found found, find_file(*root_, *config_, path, patience));
    if (found.kind != Found::Kind::must_wait) co_return found;
  }
  auto job = [root = root_, config = config_, path] {
    return find_file(*root, *config, path, Patience::some);
  };
  co_return co_await offload(loop_, std::move(job));
}

/// One that is fresh; null: none.
Task<Result<std::shared_ptr<CachedFile>>> Files::cached(const std::string& path) {
  CachedFile* const there = cache_.find(site_, path);
  if (there == nullptr) co_return nullptr;
  std::shared_ptr<CachedFile> file = there->shared_from_this();
  if (file->watched && loop_.now() < file->trusted_until) co_return file;
  CO_TRY(const bool same, co_await ask_stamps(file));
  if (same && !file->stale) co_return file;
  cache_.drop(*file);
  co_return nullptr;
}

Task<Result<bool>> Files::ask_stamps(std::shared_ptr<CachedFile> file) {
  bool same = false;
  if (root_->local()) {
    same = is_unchanged(*root_, file->made_of);
  } else {
    auto job = [root = root_, seen = file->made_of] { return is_unchanged(*root, seen); };
    same = co_await offload(loop_, std::move(job));
  }
  if (same) cache_.trust(*file);
  co_return same;
}

Description Files::describe(const Found& found) const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  Description d;
  d.type = media_type(found.path, config_->types);
  d.modified = found.file.stamp.modified_ns / kSecond;
  d.cache_control = config_->cache_control;
  d.varies =
      config_->compress && found.file.stamp.size >= config_->compress_minimum && is_compressible(d.type);
  for (const Opened& sibling : found.siblings) d.varies = d.varies || sibling.is_file();
  return d;
}

/// Reads a small file with its siblings. The order matters: first watch, then read, then look whether what
/// was found before the watch is still there; so no change goes unnoticed. null: it is gone.
Task<Result<std::shared_ptr<CachedFile>>> Files::load(const std::string& path, Found found) {
  for (int tries = 1;; ++tries) {
    for (Opened& sibling : found.siblings)
      if (sibling.is_file() && sibling.stamp.size > small_bytes_) sibling = Opened{};
    Loading loading{cache_, std::make_shared<CachedFile>()};
    CachedFile& file = *loading.file;
    file.site = site_;
    file.path = path;
    file.made_of = found.seen;
    file.watched = found.plain_way && root_->local();
    cache_.watch(file, *root_);

    const auto shared = std::make_shared<const Found>(std::move(found));
    const Patience patience = loop_.pool() ? Patience::none : Patience::some;
    auto contents = read_contents(*shared, patience);
    if (contents && !*contents) {
      auto job = [shared] { return read_contents(*shared, Patience::some); };
      contents = co_await offload(loop_, std::move(job));
    }
    CO_TRY(const bool same, co_await ask_stamps(loading.file));
    if (!same && tries < kLoadTries) {
      CO_TRY(found, co_await find(path));
      if (found.kind != Found::Kind::file || found.file.stamp.size > small_bytes_) co_return nullptr;
      continue;
    }
    if (!contents) co_return std::unexpected(std::move(contents).error());

    Description d = describe(*shared);
    file.compressible =
        config_->compress && shared->file.stamp.size >= config_->compress_minimum && is_compressible(d.type);
    for (const Coding coding : config_->precompressed) {
      const auto i = static_cast<std::size_t>(coding);
      if (!shared->siblings[i].is_file()) continue;
      std::string& bytes = (**contents)[1 + i];
      Description in = d;
      in.coding = coding;
      in.etag = etag_in_coding(etag_of_content(bytes), coding);
      file.siblings.push_back(coding);
      file.in(coding) = make_representation(std::move(in), std::move(bytes));
    }
    d.etag = etag_of_content((**contents)[0]);
    file.forms[0] = make_representation(std::move(d), std::move((**contents)[0]));
    std::shared_ptr<CachedFile> made = loading.file;
    if (same) {
      cache_.keep(std::move(loading.file));
      loading.file.reset();
    }
    co_return made;
  }
}

Task<Result<Unit>> Files::answer_small(http::Exchange& x, std::shared_ptr<CachedFile> file, int page_status) {
  const Wishes wishes = wishes_of(x.request);
  const auto coding = choose(*file, wishes);
  if (coding && !file->in(*coding)) {
    const Form as_is = file->as_is();
    const Making making(file, *coding);
    auto job = [as_is, c = *coding] { return encode(c, as_is->bytes); };
    Result<std::string> made = co_await offload(loop_, std::move(job));
    if (made && made->size() < as_is->bytes.size()) {
      Description d = as_is->described;
      d.coding = *coding;
      d.etag = etag_in_coding(d.etag, *coding);
      file->in(*coding) = make_representation(std::move(d), std::move(*made));
    } else {
      file->in(*coding) = as_is;  // not worth it, and not tried again
    }
    cache_.reckon(*file);
  }
  answer_form(x, coding ? file->in(*coding) : file->as_is(), wishes, page_status);
  co_return Unit{};
}

void Files::answer_large(http::Exchange& x, Found& found, int page_status) {
  const Wishes wishes = wishes_of(x.request);
  Description d = describe(found);
  d.etag = etag_of_stamp(found.file.stamp);
  std::vector<Coding> there;
  for (const Coding c : config_->precompressed)
    if (found.siblings[static_cast<std::size_t>(c)].is_file()) there.push_back(c);

  Opened* file = &found.file;
  bool made_while_sent = false;
  d.coding = wishes.range ? std::nullopt : choose_coding(wishes.weights, there);
  if (d.coding) {
    file = &found.siblings[static_cast<std::size_t>(*d.coding)];
    d.etag = etag_in_coding(etag_of_stamp(file->stamp), *d.coding);
  } else if (!wishes.range && config_->compress && is_compressible(d.type) &&
             file->stamp.size >= config_->compress_minimum && file->stamp.size <= config_->compress_maximum &&
             cache_.compressing() < config_->compress_streams &&
             x.request.version != http::Version::http1_0) {
    // Not for HTTP/1.0: without a length it could not tell a broken answer from a whole one.
    d.coding = choose_coding(wishes.weights, kMade);
    made_while_sent = d.coding.has_value();
    if (d.coding) d.etag = etag_in_coding(d.etag, *d.coding);
  }
  const std::uint64_t size = file->stamp.size;
  auto fd = std::make_shared<const Fd>(std::move(file->fd));
  answer_form(x, make_representation(std::move(d), std::move(fd), size, made_while_sent), wishes,
              page_status);
}

Task<Result<Unit>> Files::answer_folder(http::Exchange& x, const std::string& path) {
  ListingStyle style = listing_style(x.request);
  auto job = [root = root_, config = config_, path, style] {
    return list_folder(*root, *config, path, style);
  };
  CO_TRY(std::string page, co_await offload(loop_, std::move(job)));
  x.response.status = 200;
  x.response.fields.add("content-type", style.json ? "application/json" : "text/html; charset=utf-8");
  x.response.fields.add("cache-control", "no-cache");
  x.response.fields.add("vary", "accept");
  x.response.body = http::Body::text(std::move(page));
  x.respond();
  co_return Unit{};
}

Task<Result<Unit>> Files::answer_error(http::Exchange& x, int status) {
  if (const auto page = config_->errors.find(static_cast<std::uint16_t>(status));
      page != config_->errors.end()) {
    CO_TRY(const Tried tried, co_await try_path(x, page->second, status));
    if (tried == Tried::answered) co_return Unit{};
  }
  respond_with_error(x, status);
  co_return Unit{};
}

}  // namespace sally::handler
