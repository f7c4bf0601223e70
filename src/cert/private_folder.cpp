#include "cert/private_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

namespace sally::cert {
namespace {

/// Opens without following a link, so that what is checked is what is changed.
Result<> tighten(const std::string& path, int flags, mode_t mode, std::string_view danger,
                 std::vector<std::string>& notes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags));
  if (!fd && (errno == ELOOP || (errno == ENOTDIR && flags != 0)))
    return fail(kNotOurs, path + " is a link or no folder");
  if (!fd) return fail_errno(errno, "open", path);
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0) return fail_errno(errno, "look at", path);
  if (s.st_uid != ::geteuid())
    return fail(kNotOurs, fmt::format("{} belongs to user {}, not {}", path, s.st_uid, ::geteuid()));
  if ((s.st_mode & 077) == 0) return {};
  if (::fchmod(fd.get(), mode) != 0) return fail_errno(errno, "set the mode of", path);
  notes.push_back(
      fmt::format("{} had mode {:04o}, now it has {:04o}: {}", path, s.st_mode & 07777, mode, danger));
  return {};
}

}  // namespace

Result<> secure_folder(const std::string& path, std::vector<std::string>& notes) {
  TRY_VOID(make_folders(path, 0700));
  return tighten(path, O_DIRECTORY, 0700, "other users could enter it", notes);
}

Result<bool> secure_file(const std::string& path, std::vector<std::string>& notes) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) != 0 && errno == ENOENT) return false;
  TRY_VOID(tighten(path, 0, 0600,
                   "other users could read the key in it; if they are not trusted, remove the file", notes));
  return true;
}

Result<Fd> lock_folder(const std::string& folder, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause{20};
  const std::string path = folder + "/lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(errno, "open", path);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno(errno, "lock", path);
    if (patience <= kPause) return fail(kFolderBusy, path);
    patience -= kPause;
    std::this_thread::sleep_for(kPause);
  }
  return fd;
}

}  // namespace sally::cert
