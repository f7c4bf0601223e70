#include "os/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

namespace sally {
namespace {

std::int64_t nanoseconds(const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

FileStamp stamp_of(const struct stat& s) {
  return {s.st_dev,
          s.st_ino,
          static_cast<std::uint64_t>(s.st_size),
          nanoseconds(s.st_mtim),
          nanoseconds(s.st_ctim),
          s.st_mode & 07777};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<> write_all(int fd, Bytes bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, "write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

bool wait_for_pipe(int fd) {
  constexpr int kPipePatienceMs = 5000;
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, kPipePatienceMs) > 0;
}

/// A rename is on disk only when the folder is.
Result<> sync_folder(const std::string& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, "open", folder);
  // Some file systems cannot sync a folder and say EINVAL; there is nothing to be done then.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return fail_errno(errno, "sync", folder);
  return {};
}

Result<> fill_new_file(const std::string& path, Bytes bytes, mode_t mode) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(errno, "create", path);
  TRY_VOID(write_all(fd.get(), bytes, path));
  if (::fchmod(fd.get(), mode) != 0) return fail_errno(errno, "set the mode of", path);
  if (::fsync(fd.get()) != 0) return fail_errno(errno, "sync", path);
  return {};
}

}  // namespace

Result<FileStamp> file_stamp(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return fail_errno(errno, "look at", path);
  return stamp_of(s);
}

Result<FileText> read_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a named pipe without a writer must not hold us; it has no effect on regular files.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail_errno(errno, "read", path);
  return read_open_file(fd, path, limit);
}

Result<FileStamp> open_file_stamp(const Fd& fd, const std::string& path) {
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0) return fail_errno(errno, "look at", path);
  return stamp_of(s);
}

Result<FileText> read_open_file(const Fd& fd, const std::string& path, std::size_t limit) {
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0) return fail_errno(errno, "read", path);
  if (S_ISDIR(s.st_mode)) return fail_errno(EISDIR, "read", path);
  FileText out{{}, stamp_of(s)};
  const auto too_large = [&] {
    return fail(kFileTooLarge, fmt::format("{}: the limit is {} bytes", path, limit));
  };
  if (out.stamp.size > limit) return too_large();
  // The size is a hint only: files in /proc say 0, and others may grow while they are read.
  out.text.reserve(out.stamp.size);
  char piece[16384];
  for (;;) {
    const ssize_t n = ::read(fd.get(), piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN && wait_for_pipe(fd.get())) continue;
    if (n < 0) return fail_errno(errno, "read", path);
    if (n == 0) return out;
    if (static_cast<std::size_t>(n) > limit - out.text.size()) return too_large();
    out.text.append(piece, static_cast<std::size_t>(n));
  }
}

Result<> write_file(const std::string& path, Bytes bytes, mode_t mode) {
  static std::atomic<unsigned> serial{0};
  const std::string fresh = fmt::format("{}.new-{}-{}", path, ::getpid(), serial.fetch_add(1));
  if (auto filled = fill_new_file(fresh, bytes, mode); !filled) {
    ::unlink(fresh.c_str());
    return filled;
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(fresh.c_str());
    return fail_errno(why, "replace", path);
  }
  return sync_folder(folder_of(path));
}

Result<bool> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return fail_errno(errno, "remove", path);
}

Result<> make_folders(const std::string& path, mode_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0) {
      const int why = errno;
      struct stat s {};
      if (::stat(part.c_str(), &s) != 0) return fail_errno(why, "create", part);
      if (!S_ISDIR(s.st_mode)) return fail_errno(ENOTDIR, "create", part);
    }
    if (end == std::string::npos) return {};
  }
}

}  // namespace sally
