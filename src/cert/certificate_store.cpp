#include "cert/certificate_store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "cert/chain_warnings.h"

namespace sally::cert {
namespace {

using crypto::CertificateChain;
using crypto::KeyType;
using Kind = StoreEvent::Kind;

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::chrono::seconds kGrace{2};        // for the second half of a replacement
constexpr std::chrono::minutes kLongestWait{1};  // between looks at the stamps
constexpr std::chrono::minutes kLocalRetry{10};

/// TLS chooses among certificates by the kind of signature: one slot for all ECDSA curves.
int kind_of_key(const CertificateChain& chain) {
  const KeyType type = chain.leaf.key().type;
  return type == KeyType::p384 || type == KeyType::p521 ? static_cast<int>(KeyType::p256)
                                                        : static_cast<int>(type);
}

std::string served_text(const FilePair& files, const CertificateChain& chain) {
  const std::string name =
      chain.leaf.names().dns.empty() ? chain.leaf.subject() : chain.leaf.names().dns.front();
  return fmt::format("{}: now serving the certificate for {}, {}, until {:%Y-%m-%d}", files.certificate, name,
                     chain.leaf.key().text, fmt::gmtime(WallClock::to_time_t(chain.leaf.not_after())));
}

}  // namespace

Result<CertificateStore> CertificateStore::open(std::vector<SiteWish> wishes, LocalCaPlace local,
                                                WallTime now, std::shared_ptr<FileOpener> opener) {
  CertificateStore store(std::move(wishes), std::move(local));
  store.opener_ = std::move(opener);
  TRY_VOID(store.load_all(now));
  store.generation_ = 1;
  for (const SiteWish& wish : store.wishes_) store.sites_.push_back(store.assemble(wish));
  if (auto watch = FileWatch::make()) {
    store.watch_ = std::move(*watch);
    store.watch_files();
  } else {
    store.tell(Kind::warning, "certificate files are looked at once a minute only: " + watch.error().text());
  }
  store.warn(now);
  return store;
}

struct CertificateStore::ReadPair {
  Result<CertificateChain> chain;
  FileStamp certificate, key;  ///< of what was read; of what stood there before where nothing could be
};

Result<FileText> CertificateStore::read(const std::string& path) const {
  auto text = read_file(path, kLargestFile);
  if (text || !opener_ || !text.error().is(kNoPermission)) return text;
  TRY(const Fd fd, opener_->open(path));
  return read_open_file(fd, path, kLargestFile);
}

FileStamp CertificateStore::stamp_or_none(const std::string& path) const {
  if (const auto stamp = file_stamp(path); stamp || !opener_ || !stamp.error().is(kNoPermission))
    return stamp.value_or(FileStamp{});
  const auto fd = opener_->open(path);
  return fd ? open_file_stamp(*fd, path).value_or(FileStamp{}) : FileStamp{};
}

/// The stamps are those of the very bytes that were parsed, so no change between is overlooked.
CertificateStore::ReadPair CertificateStore::read_pair(const FilePair& files, WallTime now) const {
  ReadPair out{fail(crypto::kChainUnusable, files.certificate), stamp_or_none(files.certificate),
               stamp_or_none(files.key)};
  auto certificate = read(files.certificate);
  auto key = read(files.key);
  if (certificate) out.certificate = certificate->stamp;
  if (key) out.key = key->stamp;
  if (!certificate) {
    out.chain = std::unexpected(std::move(certificate).error());
  } else if (!key) {
    out.chain = std::unexpected(std::move(key).error());
  } else {
    out.chain = crypto::load_chain({files.certificate, as_bytes(certificate->text)},
                                   {files.key, as_bytes(key->text)}, now);
    // 0640 for a group such as ssl-cert is usual; the world has no business there.
    if (out.chain && (key->stamp.mode & 004) != 0)
      out.chain->warnings.push_back(fmt::format(
          "{}: every user of this machine can read the private key: chmod 600 {}", files.key, files.key));
  }
  return out;
}

Result<> CertificateStore::keep_reading_as(const Account& account) {
  std::vector<std::string> paths;
  for (const auto& [files, loaded] : files_) {
    paths.push_back(files.certificate);
    if (files.key != files.certificate) paths.push_back(files.key);
  }
  if (paths.empty()) return {};
  TRY(auto opener, FileOpener::start(std::move(paths), account));
  opener_ = std::make_shared<FileOpener>(std::move(opener));
  return {};
}

Result<> CertificateStore::load_all(WallTime now) {
  for (const SiteWish& wish : wishes_) {
    if (wish.files.empty()) TRY_VOID(load_local(wish, now));
    std::map<int, const FilePair*> kinds;
    for (const FilePair& files : wish.files) {
      auto known = files_.find(files);
      if (known == files_.end()) {
        ReadPair read = read_pair(files, now);
        if (!read.chain)
          return std::unexpected(
              fail(kSiteCertificate, wish.site).error().because(std::move(read.chain).error()));
        Loaded loaded{
            std::make_shared<CertificateChain>(*std::move(read.chain)), read.certificate, read.key, {}, {}};
        known = files_.emplace(files, std::move(loaded)).first;
      }
      const auto [first, is_new] = kinds.emplace(kind_of_key(*known->second.chain), &files);
      if (!is_new)
        return fail(kSameKeyKind,
                    fmt::format("{}: {} and {}", wish.site, first->second->certificate, files.certificate));
    }
  }
  return {};
}

Result<> CertificateStore::load_local(const SiteWish& wish, WallTime now) {
  if (locals_.contains(wish.names)) return {};
  auto made = local_certificate({place_.folder, wish.names, place_.owner, now});
  if (!made)
    return std::unexpected(fail(kSiteCertificate, wish.site).error().because(std::move(made).error()));
  for (const std::string& note : made->notes) tell(Kind::note, note);
  locals_.emplace(wish.names, Local{*std::move(made), now, false});
  return {};
}

void CertificateStore::watch_files() {
  std::vector<std::string> paths;
  for (const auto& [files, loaded] : files_) {
    paths.push_back(files.certificate);
    if (files.key != files.certificate) paths.push_back(files.key);
  }
  for (const auto& [names, local] : locals_) {
    paths.push_back(local.certificate.root_file);
    paths.push_back(local.certificate.leaf_file);
  }
  if (const auto armed = watch_->watch(std::move(paths)); !armed)
    tell(Kind::warning, "some certificate files are looked at once a minute only: " + armed.error().text());
}

std::shared_ptr<const SiteChains> CertificateStore::assemble(const SiteWish& wish) {
  auto out = std::make_shared<SiteChains>(SiteChains{wish.site, {}, generation_});
  if (wish.files.empty())
    out->chains.push_back(std::make_shared<CertificateChain>(locals_.at(wish.names).certificate.chain));
  for (const FilePair& files : wish.files) out->chains.push_back(files_.at(files).chain);
  return out;
}

bool CertificateStore::fits_everywhere(const FilePair& files, const CertificateChain& fresh) const {
  return std::ranges::none_of(wishes_, [&](const SiteWish& wish) {
    if (std::ranges::find(wish.files, files) == wish.files.end()) return false;
    return std::ranges::any_of(wish.files, [&](const FilePair& other) {
      return other != files && kind_of_key(*files_.at(other).chain) == kind_of_key(fresh);
    });
  });
}

void CertificateStore::retry_files(const FilePair& files, Loaded& loaded, bool told_by_watch, WallTime now) {
  const bool other = told_by_watch || stamp_or_none(files.certificate) != loaded.certificate ||
                     stamp_or_none(files.key) != loaded.key;
  if (other) {
    ReadPair read = read_pair(files, now);
    loaded.certificate = read.certificate;
    loaded.key = read.key;
    if (read.chain && !fits_everywhere(files, *read.chain))
      read.chain =
          fail(kSameKeyKind, fmt::format("{} is now {}", files.certificate, read.chain->leaf.key().text));
    if (read.chain) {
      if (loaded.failing_since && loaded.failure.empty() &&
          read.chain->fingerprint() == loaded.chain->fingerprint())
        tell(Kind::loaded, files.certificate + ": can be used again");
      loaded.failing_since.reset();
      loaded.failure.clear();
      loaded.changed = read.chain->fingerprint() != loaded.chain->fingerprint();
      loaded.chain = std::make_shared<CertificateChain>(*std::move(read.chain));
      if (loaded.changed) tell(Kind::loaded, served_text(files, *loaded.chain));
      return;
    }
    if (!loaded.failing_since) loaded.failing_since = now;
    loaded.failure = read.chain.error().text();
  }
  if (loaded.failing_since && !loaded.failure.empty() && now - *loaded.failing_since >= kGrace)
    tell(Kind::refused,
         fmt::format("{}: the new file is not taken up, the old certificate (until {:%Y-%m-%d}) stays: {}",
                     files.certificate, fmt::gmtime(WallClock::to_time_t(loaded.chain->leaf.not_after())),
                     std::exchange(loaded.failure, {})));
}

void CertificateStore::renew_local(const std::vector<std::string>& names, Local& local, bool told_by_watch,
                                   WallTime now) {
  const bool due = now >= local.certificate.renew_at && now >= local.retry_at;
  if (!due && !told_by_watch) return;
  auto fresh = local_certificate({place_.folder, names, place_.owner, now});
  if (!fresh) {
    local.retry_at = now + kLocalRetry;
    tell(Kind::refused,
         "the local certificate could not be renewed, the old one stays: " + fresh.error().text());
    return;
  }
  for (const std::string& note : fresh->notes) tell(Kind::note, note);
  local.changed = fresh->chain.fingerprint() != local.certificate.chain.fingerprint();
  local.certificate = *std::move(fresh);
}

std::vector<std::size_t> CertificateStore::reload_changed(WallTime now) {
  const std::vector<std::string> told = watch_ ? watch_->changed() : std::vector<std::string>{};
  const auto is_told = [&](const std::string& path) { return std::ranges::find(told, path) != told.end(); };
  for (auto& [files, loaded] : files_) {
    loaded.changed = false;
    retry_files(files, loaded, is_told(files.certificate) || is_told(files.key), now);
  }
  for (auto& [names, local] : locals_) {
    local.changed = false;
    renew_local(names, local, is_told(local.certificate.root_file) || is_told(local.certificate.leaf_file),
                now);
  }
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < wishes_.size(); ++i) {
    const SiteWish& wish = wishes_[i];
    const bool changed =
        wish.files.empty()
            ? locals_.at(wish.names).changed
            : std::ranges::any_of(wish.files, [&](const FilePair& f) { return files_.at(f).changed; });
    if (changed) out.push_back(i);
  }
  if (!out.empty()) ++generation_;
  for (const std::size_t i : out) sites_[i] = assemble(wishes_[i]);
  warn(now);
  return out;
}

void CertificateStore::warn(WallTime now) {
  std::set<std::string> still;
  for (const SiteWish& wish : wishes_)
    for (const FilePair& files : wish.files)
      for (std::string& text : chain_warnings(*files_.at(files).chain, files.certificate, wish.names, now)) {
        if (!warned_.contains(text) && !still.contains(text)) tell(Kind::warning, text);
        still.insert(std::move(text));
      }
  warned_ = std::move(still);
}

Duration CertificateStore::due_in(WallTime now) const {
  WallTime next = now + kLongestWait;
  for (const auto& [files, loaded] : files_)
    if (!loaded.failure.empty()) next = std::min<WallTime>(next, *loaded.failing_since + kGrace);
  for (const auto& [names, local] : locals_)
    next = std::min(next, std::max(local.certificate.renew_at, local.retry_at));
  return std::max<Duration>(next - now, Duration::zero());
}

const LocalCertificate* CertificateStore::local() const {
  for (const SiteWish& wish : wishes_)
    if (wish.files.empty()) return &locals_.at(wish.names).certificate;
  return nullptr;
}

}  // namespace sally::cert
