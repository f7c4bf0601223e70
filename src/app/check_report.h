// app/check_report.h - where a report of `sallyport check` goes: to the output as its parts are ready, or
// into a file.
#pragma once
#include <fstream>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>

#include "app/check_command.h"
#include "base/error.h"
#include "check/report/format.h"

namespace sally::app {

class CheckReport {
 public:
  /// `kept_bytes`: of an earlier report in options.output, to go on behind; only with options.resume.
  CheckReport(const CheckOptions& options, std::ostream& out);

  /// Opens the file of a report that is written in pieces. Errors: os.file.
  Result<> begin(std::size_t kept_bytes);
  /// One endpoint is ready.
  void add(const check::Examined& one);
  /// All are; `all` is not looked at when the form is one of pieces. Errors: os.*.
  Result<> end(std::span<const check::Examined> all);

  check::Format format() const { return format_; }

 private:
  bool to_file() const;
  Result<> written() const;

  const CheckOptions& options_;
  std::ostream& out_;
  check::Format format_;
  std::ofstream file_;
};

/// How far a run of many targets is, on a terminal; silent elsewhere.
class CheckProgress {
 public:
  /// `shown`: standard error is a terminal and nothing else is written there.
  CheckProgress(std::ostream& err, std::size_t targets, bool shown)
      : err_(err), targets_(targets), shown_(shown) {}
  void add(const check::Examined& one, bool found);
  void end();

 private:
  std::ostream& err_;
  std::size_t targets_, done_ = 0, found_ = 0, untested_ = 0;
  std::string last_;  ///< target whose addresses are counted once
  bool shown_;
};

/// nullopt: never fail because of findings.
std::optional<check::Severity> severity_of(const std::string& name);

}  // namespace sally::app
