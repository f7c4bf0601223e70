#include "handler/files.h"

#include <algorithm>

#include "handler/error_page.h"
#include "handler/file_answer.h"
#include "handler/listing.h"
#include "handler/redirect.h"
#include "handler/request_path.h"
#include "loop/offload.h"

namespace sally::handler {
namespace {

using Form = std::shared_ptr<const Representation>;

constexpr std::string_view kAllowed = "GET, HEAD, OPTIONS";
constexpr std::array kMade = {Coding::zstd, Coding::br, Coding::gzip};  // what is cheapest to make first

/// A file may be replaced by one of another kind between looking and reading.
constexpr int kTries = 3;

std::string expand(const std::string& pattern, const std::string& path) {
  constexpr std::string_view kPath = "{path}";
  return pattern.starts_with(kPath) ? path + pattern.substr(kPath.size()) : pattern;
}

}  // namespace

/// What of a request's fields decides how it is answered.
struct Files::Wishes {
  CodingWeights weights;
  bool conditional = false;
  bool range = false;
};

Result<std::unique_ptr<Files>> Files::make(const FilesConfig& config, FileCache& cache) {
  TRY(auto loader, FileLoader::make(config, cache));
  return std::unique_ptr<Files>(new Files(std::move(loader)));
}

Files::Files(std::unique_ptr<FileLoader> loader)
    : loader_(std::move(loader)),
      config_(loader_->config()),
      cache_(loader_->cache()),
      direct_(config_.try_paths.empty() || config_.try_paths.front() == "{path}") {}

bool Files::answer_now(http::Exchange& x) {
  const http::Request& request = x.request;
  if (request.method != http::Method::get && request.method != http::Method::head) return answer_method(x);
  loader_->look_at_root();
  if (!direct_) return false;
  if (request.path.find('%') == request.path.npos) return answer_cached(x, request.path);
  const auto path = decode_path(request.path, config_.dotfiles);
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
  CachedFile* const file = loader_->fresh_now(path);
  if (file == nullptr) return false;
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
  const bool being_made = best && file.being_made[static_cast<std::size_t>(*best)];
  if (being_made && wishes.weights.identity != 0) return std::nullopt;
  return best;
}

void Files::answer_form(http::Exchange& x, const Form& form, const Wishes& wishes, int page_status) {
  if (page_status != 0) return answer_with_page(x, cache_, page_status, form);
  if (!form->described.coding && wishes.weights.identity == 0) return respond_with_error(x, 406);
  if (wishes.conditional) return answer_file(x, cache_, form, config_.max_ranges);
  answer_whole(x, cache_, form);
}

Task<Result<Unit>> Files::handle(http::Exchange& x) {
  const auto path = decode_path(x.request.path, config_.dotfiles);
  if (path) co_return co_await answer_path(x, *path);
  const auto asked = single_slashes(x.request.asked());
  if (const auto once = single_slashes(x.request.path);
      once && asked && decode_path(*once, config_.dotfiles)) {
    std::string location = *asked;
    if (x.request.has_query) location.append("?").append(x.request.query);
    respond_with_redirect(x, 308, location);
    co_return Unit{};
  }
  co_return co_await answer_error(x, 404);
}

Task<Result<Unit>> Files::answer_path(http::Exchange& x, const std::string& path) {
  static const std::vector<std::string> kOwn = {"{path}"};
  bool forbidden = false, folder = false;
  for (const std::string& pattern : config_.try_paths.empty() ? kOwn : config_.try_paths) {
    const std::string candidate = expand(pattern, path);
    if (!is_servable_path(candidate, config_.dotfiles)) continue;
    CO_TRY(const Tried tried, co_await try_path(x, candidate, 0));
    if (tried == Tried::answered) co_return Unit{};
    forbidden = forbidden || tried == Tried::forbidden;
    folder = folder || (tried == Tried::folder && candidate == path);
  }
  if (folder && config_.listing) co_return co_await answer_folder(x, path);
  co_return co_await answer_error(x, forbidden ? 403 : 404);
}

Task<Result<Files::Tried>> Files::try_path(http::Exchange& x, const std::string& path, int page_status) {
  CO_TRY(std::shared_ptr<CachedFile> file, co_await loader_->cached(path));
  for (int tries = 0; !file; ++tries) {
    if (tries == kTries) co_return Tried::missing;
    CO_TRY(Found found, co_await loader_->find(path));
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
        std::string location(x.request.asked());
        location += '/';
        if (x.request.has_query) location.append("?").append(x.request.query);
        respond_with_redirect(x, 308, location);
        co_return Tried::answered;
      }
      case Found::Kind::file:
        break;
    }
    if (!loader_->is_small(found.file)) {
      answer_large(x, found, page_status);
      co_return Tried::answered;
    }
    CO_TRY(file, co_await loader_->load(path, std::move(found)));
  }
  CO_TRY_VOID(co_await answer_small(x, std::move(file), page_status));
  co_return Tried::answered;
}

Task<Result<Unit>> Files::answer_small(http::Exchange& x, std::shared_ptr<CachedFile> file, int page_status) {
  const Wishes wishes = wishes_of(x.request);
  const auto coding = choose(*file, wishes);
  if (coding && !file->in(*coding)) CO_TRY_VOID(co_await loader_->make_form(file, *coding));
  answer_form(x, coding ? file->in(*coding) : file->as_is(), wishes, page_status);
  co_return Unit{};
}

void Files::answer_large(http::Exchange& x, Found& found, int page_status) {
  const Wishes wishes = wishes_of(x.request);
  Description d = loader_->describe(found);
  d.etag = etag_of_stamp(found.file.stamp);
  std::vector<Coding> there;
  for (const Coding c : config_.precompressed)
    if (found.siblings[static_cast<std::size_t>(c)].is_file()) there.push_back(c);

  Opened* file = &found.file;
  bool made_while_sent = false;
  d.coding = wishes.range ? std::nullopt : choose_coding(wishes.weights, there);
  if (d.coding) {
    file = &found.siblings[static_cast<std::size_t>(*d.coding)];
    d.etag = etag_in_coding(etag_of_stamp(file->stamp), *d.coding);
  } else if (!wishes.range && loader_->may_compress(*file, d.type) &&
             file->stamp.size <= config_.compress_maximum &&
             cache_.compressing() < config_.compress_streams && x.request.version != http::Version::http1_0) {
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
  // By name: see the note in file_loader.cpp.
  auto job = [root = loader_->root(), config = loader_->shared_config(), path, style] {
    return list_folder(*root, *config, path, style);
  };
  CO_TRY(std::string page, co_await offload(cache_.loop(), std::move(job)));
  x.response.status = 200;
  x.response.fields.add("content-type", style.json ? "application/json" : "text/html; charset=utf-8");
  x.response.fields.add("cache-control", "no-cache");
  x.response.fields.add("vary", "accept");
  x.response.body = http::Body::text(std::move(page));
  x.respond();
  co_return Unit{};
}

Task<Result<Unit>> Files::answer_error(http::Exchange& x, int status) {
  if (const auto page = config_.errors.find(static_cast<std::uint16_t>(status));
      page != config_.errors.end()) {
    CO_TRY(const Tried tried, co_await try_path(x, page->second, status));
    if (tried == Tried::answered) co_return Unit{};
  }
  respond_with_error(x, status);
  co_return Unit{};
}

}  // namespace sally::handler
