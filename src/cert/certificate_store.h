// cert/certificate_store.h - the certificates of all sites: loaded, watched, taken up anew when they change.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "cert/local_ca.h"
#include "crypto/chain.h"
#include "os/file.h"
#include "os/file_opener.h"
#include "os/file_watch.h"

namespace sally::cert {

inline constexpr ErrorKind kSiteCertificate{"cert.site_certificate",
                                            Blame::operator_config,
                                            Retry::later,
                                            "a site has no certificate that can be used",
                                            "mend what is named behind this",
                                            "",
                                            -1,
                                            0};
inline constexpr ErrorKind kSameKeyKind{
    "cert.same_kind_of_key",
    Blame::operator_config,
    Retry::never,
    "two certificates of one site have the same kind of key, and only one could ever be chosen",
    "keep one ECDSA and one RSA certificate at most",
    "RFC 8446 4.4.2.2",
    -1,
    0};

/// A certificate file and a key file, which may be the same.
struct FilePair {
  std::string certificate, key;
  auto operator<=>(const FilePair&) const = default;
};

/// What a site wants: certificates from files, or one from the local CA if `files` is empty.
struct SiteWish {
  std::string site;                ///< for messages
  std::vector<std::string> names;  ///< host names and addresses; "*.example.com" too
  std::vector<FilePair> files;     ///< of different kinds of keys, ECDSA first by custom
};

struct LocalCaPlace {
  std::string folder;  ///< local_ca_folder()
  std::string owner;   ///< local_owner()
};

using SharedChain = std::shared_ptr<const crypto::CertificateChain>;

/// What a site shows. Immutable: hand it to other threads freely.
struct SiteChains {
  std::string site;
  std::vector<SharedChain> chains;
  std::uint64_t generation = 0;  ///< rises with each change of this store
};

struct StoreEvent {
  enum class Kind : std::uint8_t { loaded, refused, warning, note };
  Kind kind;
  std::string text;  ///< a sentence with file, cause and mend
};

/// Belongs to one thread. Sites keep the order and the number of the wishes.
class CertificateStore {
 public:
  /// Loads everything once; the first site that cannot have a certificate is the error.
  ///
  /// opener  of a store before this one, for the files that this process may no longer read; may be null
  ///
  /// Errors: cert.site_certificate with its cause, cert.same_kind_of_key, those of local_certificate().
  static Result<CertificateStore> open(std::vector<SiteWish> wishes, LocalCaPlace local, WallTime now,
                                       std::shared_ptr<FileOpener> opener = nullptr);

  const std::vector<std::shared_ptr<const SiteChains>>& sites() const { return sites_; }

  /// Readable when reload_changed() should be called; -1 where the system has no watches left.
  int watch_fd() const { return watch_ ? watch_->fd() : -1; }

  /// Call it when watch_fd() is readable and when due_in() has passed. Reads files that changed, renews local
  /// certificates that are due, and returns the indices of sites with new chains.
  ///
  /// A file that cannot be used never replaces one that can: the old chain stays. A certificate and a key
  /// that do not fit together are often two halves of a replacement, so a failure is told only when it has
  /// lasted two seconds; each further change is tried at once.
  std::vector<std::size_t> reload_changed(WallTime now);

  /// Call it as root before giving up root for `account`: from then on a process of its own opens the
  /// certificate files that this one may no longer read (os/file_opener.h). Without it such files are refused
  /// when they change. Errors: os.no_permission where the system withholds the right, os.call_failed.
  Result<> keep_reading_as(const Account& account);
  /// For the store after this one; null when there is none.
  const std::shared_ptr<FileOpener>& opener() const { return opener_; }

  /// At most a minute: file systems such as NFS give no events, so stamps are compared as well.
  Duration due_in(WallTime now) const;

  /// What happened since the last call, for the log; after open() the notes and warnings of the start.
  std::vector<StoreEvent> take_events() { return std::exchange(events_, {}); }

  /// The state of the local CA when a site uses it, else null. The one of the first such site.
  const LocalCertificate* local() const;

 private:
  /// One pair of files, however many sites use it.
  struct Loaded {
    SharedChain chain;
    FileStamp certificate, key;             ///< of the files when they were last tried
    std::optional<WallTime> failing_since;  ///< the last try failed
    std::string failure;                    ///< why, until it is told
    bool changed = false;                   ///< in this turn
  };
  struct Local {
    LocalCertificate certificate;
    WallTime retry_at;  ///< renewal failed; not before this
    bool changed = false;
  };

  CertificateStore(std::vector<SiteWish> wishes, LocalCaPlace place)
      : wishes_(std::move(wishes)), place_(std::move(place)) {}
  Result<> load_all(WallTime now);
  struct ReadPair;
  ReadPair read_pair(const FilePair& files, WallTime now) const;
  Result<FileText> read(const std::string& path) const;
  FileStamp stamp_or_none(const std::string& path) const;
  Result<> load_local(const SiteWish& wish, WallTime now);
  void watch_files();
  void retry_files(const FilePair& files, Loaded& loaded, bool told_by_watch, WallTime now);
  void renew_local(const std::vector<std::string>& names, Local& local, bool told_by_watch, WallTime now);
  std::shared_ptr<const SiteChains> assemble(const SiteWish& wish);
  bool fits_everywhere(const FilePair& files, const crypto::CertificateChain& fresh) const;
  void warn(WallTime now);
  void tell(StoreEvent::Kind kind, std::string text) { events_.push_back({kind, std::move(text)}); }

  std::vector<SiteWish> wishes_;
  LocalCaPlace place_;
  std::optional<FileWatch> watch_;
  std::shared_ptr<FileOpener> opener_;
  std::map<FilePair, Loaded> files_;
  std::map<std::vector<std::string>, Local> locals_;  ///< by the names asked for
  std::vector<std::shared_ptr<const SiteChains>> sites_;
  std::vector<StoreEvent> events_;
  std::set<std::string> warned_;  ///< so that each sentence is told once while it is true
  std::uint64_t generation_ = 0;
};

}  // namespace sally::cert
