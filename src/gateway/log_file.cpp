#include "gateway/log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace sally::gateway {
namespace {

Result<Fd> open_log(const std::string& path) {
  if (path == "-") return Fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  if (path == "--") return Fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!fd) return fail(kLogUnusable, path + ": " + std::strerror(errno));
  return fd;
}

}  // namespace

Result<std::unique_ptr<LogFile>> LogFile::open(const std::string& path,
                                               std::function<void(std::string)> complain) {
  TRY(Fd fd, open_log(path));
  return std::unique_ptr<LogFile>(new LogFile(path, std::move(fd), std::move(complain)));
}

LogFile::LogFile(std::string path, Fd fd, std::function<void(std::string)> complain)
    : path_(std::move(path)),
      fd_(std::move(fd)),
      complain_(std::move(complain)),
      thread_(&LogFile::work, this) {}

LogFile::~LogFile() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  filled_.notify_one();
}

void LogFile::append(std::string_view lines) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() + lines.size() > kMostWaiting) {
      dropped_ += lines.size();
      return;
    }
    waiting_ += lines;
  }
  filled_.notify_one();
}

void LogFile::reopen() {
  {
    const std::scoped_lock lock(mutex_);
    reopen_ = true;
  }
  filled_.notify_one();
}

std::uint64_t LogFile::dropped_bytes() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

void LogFile::work() {
  for (;;) {
    std::string lines;
    bool again = false;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return closing_ || reopen_ || !waiting_.empty(); });
      if (waiting_.empty() && !reopen_) return;
      lines.swap(waiting_);
      again = std::exchange(reopen_, false);
    }
    write_out(lines);
    if (!again) continue;
    auto fd = open_log(path_);
    if (fd)
      fd_ = *std::move(fd);
    else if (complain_)
      complain_(fd.error().text());
  }
}

void LogFile::write_out(std::string_view lines) {
  std::string mended;
  if (cut_) lines = mended.append("\n").append(lines);
  while (!lines.empty()) {
    const ssize_t n = ::write(fd_.get(), lines.data(), lines.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int reason = errno;
      const std::scoped_lock lock(mutex_);
      dropped_ += lines.size();
      if (!std::exchange(failing_, true) && complain_)
        complain_("the log " + path_ + " cannot be written: " + std::strerror(reason) +
                  "; lines are lost until there is room again");
      return;
    }
    cut_ = n > 0 && lines[static_cast<std::size_t>(n) - 1] != '\n';
    lines.remove_prefix(static_cast<std::size_t>(n));
    if (!failing_) continue;
    failing_ = false;
    if (complain_) complain_("the log " + path_ + " is written again");
  }
}

}  // namespace sally::gateway
