// gateway/log_file.h - appends lines to a file from a thread of its own: a slow or full disk never holds up a
// connection.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/error.h"
#include "os/fd.h"

namespace sally::gateway {

inline constexpr ErrorKind kLogUnusable{
    "log.cannot_open",
    Blame::operator_config,
    Retry::later,
    "a log file cannot be opened",
    "see the detail: make the folder, or give its owner the right to write there",
    "",
    -1,
    0};

/// Thread-safe. What the disk does not take in time is dropped and counted, and told once when it begins and
/// ends.
class LogFile {
 public:
  static constexpr std::size_t kMostWaiting = 8 * 1024 * 1024;  ///< bytes

  /// `path`: a file, "-" for standard output, "--" for standard error. `complain` hears of a full disk, on
  /// the log's thread. Errors: log.cannot_open.
  static Result<std::unique_ptr<LogFile>> open(const std::string& path,
                                               std::function<void(std::string)> complain);
  ~LogFile();

  /// Whole lines. Cheap: they are written later.
  void append(std::string_view lines);
  /// After the file was renamed: opens the name anew. The old file stays in use if that fails.
  void reopen();
  std::uint64_t dropped_bytes() const;

 private:
  LogFile(std::string path, Fd fd, std::function<void(std::string)> complain);
  void work();
  void write_out(std::string_view lines);

  std::string path_;
  Fd fd_;
  std::function<void(std::string)> complain_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  bool closing_ = false, reopen_ = false, failing_ = false;
  bool cut_ = false;  ///< the disk was full in the middle of a line: it must end before the next begins
  std::jthread thread_;
};

}  // namespace sally::gateway
