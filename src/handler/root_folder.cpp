#include "handler/root_folder.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>

#include "os/os_error.h"

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

namespace sally::handler {
namespace {

// O_NONBLOCK: opening a pipe must not wait for its writer. O_NOCTTY: a terminal must not become ours.
constexpr int kReadFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

constexpr long kBtrfs = 0x9123683E, kXfs = 0x58465342, kF2fs = 0xF2F52010, kZfs = 0x2FC12FC1,
               kOverlay = 0x794C7630, kSquash = 0x73717368, kErofs = 0xE0F5E1E2, kBcachefs = 0xCA451A4E;

bool is_local(int fd) {
  struct statfs s {};
  if (::fstatfs(fd, &s) != 0) return false;
  constexpr std::array kLocal = {long{EXT4_SUPER_MAGIC},
                                 long{TMPFS_MAGIC},
                                 long{RAMFS_MAGIC},
                                 kBtrfs,
                                 kXfs,
                                 kF2fs,
                                 kZfs,
                                 kOverlay,
                                 kSquash,
                                 kErofs,
                                 kBcachefs};
  return std::ranges::find(kLocal, long{s.f_type}) != kLocal.end();
}

/// Learned once: the answer of the kernel or of a container's filter does not change.
std::atomic<bool> has_openat2{true};
std::atomic<bool> has_cached{true};

int openat2(int dir, const char* path, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = resolve;
  // A rename elsewhere while ".." was looked up: asking again is what the manual says.
  constexpr int kTries = 8;
  for (int i = 0;; ++i) {
    const long fd = ::syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd >= 0 || (errno != EINTR && (errno != EAGAIN || (resolve & RESOLVE_CACHED) != 0)) || i == kTries)
      return static_cast<int>(fd);
  }
}

/// Old kernels do not know the call; old container filters refuse it.
void try_openat2(int dir) {
  const Fd here(openat2(dir, ".", O_PATH | O_CLOEXEC, RESOLVE_BENEATH));
  if (!here && (errno == ENOSYS || errno == EPERM)) has_openat2 = false;
}

Opened only(Opened::Kind kind) {
  Opened out;
  out.kind = kind;
  return out;
}

}  // namespace

FileStamp stamp_of(const struct stat& s) {
  const auto ns = [](const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
  return {s.st_dev, s.st_ino, static_cast<std::uint64_t>(s.st_size), ns(s.st_mtim), ns(s.st_ctim)};
}

Result<std::shared_ptr<const RootFolder>> RootFolder::open(const std::filesystem::path& path,
                                                           Symlinks links) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat s {};
  if (!fd || ::fstat(fd.get(), &s) != 0) return fail(kRootUnusable, path.string() + ": " + errno_text(errno));
  std::shared_ptr<RootFolder> root(new RootFolder(path, links, std::move(fd)));
  root->stamp_ = stamp_of(s);
  try_openat2(root->fd_.get());
  root->local_ = is_local(root->fd_.get());
  return std::shared_ptr<const RootFolder>(std::move(root));
}

int RootFolder::open_way(const std::string& path, int flags, bool links, Patience patience) const {
  const char* const at = path.empty() ? "." : path.c_str();
  if (!has_openat2.load(std::memory_order_relaxed)) return walk(path, flags);
  std::uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (!links) resolve |= RESOLVE_NO_SYMLINKS;
  if (links && links_ == Symlinks::all) resolve = RESOLVE_NO_MAGICLINKS;
  if (patience == Patience::none) {
    if (!has_cached.load(std::memory_order_relaxed)) {
      errno = EAGAIN;
      return -1;
    }
    resolve |= RESOLVE_CACHED;
  }
  const int fd = openat2(fd_.get(), at, flags, resolve);
  if (fd >= 0) return fd;
  if (errno == EINVAL && patience == Patience::none) {  // before Linux 5.12
    has_cached = false;
    errno = EAGAIN;
  }
  return -1;
}

/// An absolute link that leads back beneath the root is not followed by RESOLVE_BENEATH. So: where does it
/// lead, and is that, without any link, beneath the root? The last open is the one that counts, and it is
/// strict.
int RootFolder::open_link(const std::string& path, int flags) const {
  const Fd target(::openat(fd_.get(), path.c_str(), O_PATH | O_CLOEXEC));
  if (!target) return -1;
  const auto name_of = [](int fd) {
    char name[PATH_MAX];
    const ssize_t n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), name, sizeof name);
    return n > 0 && n < PATH_MAX ? std::string(name, static_cast<std::size_t>(n)) : std::string();
  };
  std::string root = name_of(fd_.get());
  const std::string to = name_of(target.get());
  if (root != "/") root += '/';
  if (root.empty() || !to.starts_with(root)) {
    errno = ENOENT;
    return -1;
  }
  return open_way(to.substr(root.size()), flags, false, Patience::some);
}

int RootFolder::walk(const std::string& path, int flags) const {
  Fd here(::openat(fd_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    if (name == "..") {
      errno = EXDEV;
      return -1;
    }
    if (slash == rest.npos)
      return ::openat(here.get(), name.empty() ? "." : name.c_str(), flags | O_NOFOLLOW);
    Fd next(::openat(here.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return -1;
    here = std::move(next);
    rest.remove_prefix(slash + 1);
  }
}

Result<Opened> RootFolder::open(const std::string& path, Patience patience) const {
  Fd fd(open_way(path, kReadFlags, false, patience));
  bool linked = false;
  if (!fd && errno == ELOOP && links_ != Symlinks::none) {
    linked = true;
    fd = Fd(open_way(path, kReadFlags, true, patience));
    if (!fd && errno == EXDEV && links_ == Symlinks::inside) {
      if (patience == Patience::none) return only(Opened::Kind::must_wait);
      fd = Fd(open_link(path, kReadFlags));
    }
  }
  if (fd) return look(std::move(fd), linked);
  switch (errno) {
    case EAGAIN:
      return only(patience == Patience::none ? Opened::Kind::must_wait : Opened::Kind::missing);
    case EACCES:
    case EPERM:
      return only(Opened::Kind::forbidden);
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG:
    case EINVAL:
    case ENXIO:
    case ENODEV:
    case EBUSY:
    case ETXTBSY:
      return only(Opened::Kind::missing);
    default:
      return fail_errno(errno, "open", (path_ / path).string());
  }
}

Result<Opened> RootFolder::look(Fd fd, bool linked) const {
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0) return fail_errno(errno, "stat", path_.string());
  Opened out;
  if (S_ISREG(s.st_mode))
    out.kind = Opened::Kind::file;
  else if (S_ISDIR(s.st_mode))
    out.kind = Opened::Kind::folder;
  else
    return out;
  out.stamp = stamp_of(s);
  // Writes through another name of the file are told to that name's folder only.
  out.plain_way =
      !linked && (out.kind == Opened::Kind::folder || s.st_nlink == 1) && s.st_dev == stamp_.device;
  out.fd = std::move(fd);
  return out;
}

std::optional<Fd> RootFolder::place(const std::string& path) const {
  Fd fd(open_way(path, O_PATH | O_DIRECTORY | O_CLOEXEC, false, Patience::none));
  if (!fd && errno == EAGAIN)
    fd = Fd(open_way(path, O_PATH | O_DIRECTORY | O_CLOEXEC, false, Patience::some));
  if (!fd) return std::nullopt;
  return fd;
}

std::optional<FileStamp> RootFolder::stamp(const std::string& path) const {
  struct stat s {};
  const int flags = links_ == Symlinks::none ? AT_SYMLINK_NOFOLLOW : 0;
  if (::fstatat(fd_.get(), path.empty() ? "." : path.c_str(), &s, flags) != 0) return std::nullopt;
  return stamp_of(s);
}

bool RootFolder::is_current() const {
  struct stat s {};
  if (::stat(path_.c_str(), &s) != 0) return false;
  return s.st_dev == stamp_.device && s.st_ino == stamp_.inode;
}

Result<std::optional<std::size_t>> read_some(int fd, std::uint64_t offset, std::span<std::byte> to,
                                             Patience patience) {
  const iovec piece{to.data(), to.size()};
  for (;;) {
    const int flags = patience == Patience::none ? RWF_NOWAIT : 0;
    const ssize_t n = ::preadv2(fd, &piece, 1, static_cast<off_t>(offset), flags);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EINTR) continue;
    if (errno == EAGAIN && patience == Patience::none) return std::nullopt;
    if (errno == EOPNOTSUPP && patience == Patience::none) {
      struct statfs s {};
      if (::fstatfs(fd, &s) != 0 || s.f_type != TMPFS_MAGIC) return std::nullopt;
      patience = Patience::some;  // its pages are in memory
      continue;
    }
    return fail_errno(errno, "read", "a served file");
  }
}

Result<std::optional<std::size_t>> read_exactly(int fd, std::uint64_t offset, std::span<std::byte> to,
                                                Patience patience) {
  for (std::size_t done = 0; done < to.size();) {
    TRY(const auto n, read_some(fd, offset + done, to.subspan(done), patience));
    if (!n) return std::optional<std::size_t>();
    if (*n == 0) return fail(kFileShrank);
    done += *n;
  }
  return std::optional<std::size_t>(to.size());
}

}  // namespace sally::handler
