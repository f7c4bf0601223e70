// gateway/error_log.h - what the operator must know, in words, one line each; levels below the chosen one are
// not made.
#pragma once
#include <atomic>
#include <memory>
#include <string_view>

#include "gateway/log_file.h"
#include "gateway/settings.h"

namespace sally::gateway {

/// Thread-safe. "2026-11-21T02:24:04.123Z warning: text".
class ErrorLog {
 public:
  ErrorLog(std::unique_ptr<LogFile> file, LogLevel level) : file_(std::move(file)), level_(level) {}

  bool wants(LogLevel level) const { return level <= level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  /// Each line of the text on a line of its own.
  void say_lines(LogLevel level, std::string_view text);
  void say(LogLevel level, std::string_view text);
  void error(std::string_view text) { say(LogLevel::error, text); }
  void warning(std::string_view text) { say(LogLevel::warning, text); }
  void notice(std::string_view text) { say(LogLevel::notice, text); }
  void debug(std::string_view text) { say(LogLevel::debug, text); }
  void reopen() { file_->reopen(); }

 private:
  std::unique_ptr<LogFile> file_;
  std::atomic<LogLevel> level_;
};

}  // namespace sally::gateway
