#include "app/check_report.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <ostream>

#include "app/terminal.h"
#include "check/report/json.h"
#include "check/report/text.h"
#include "os/file.h"

namespace sally::app {

std::optional<check::Severity> severity_of(const std::string& name) {
  using enum check::Severity;
  for (const check::Severity s : {info, low, medium, high, critical})
    if (check::severity_name(s) == name) return s;
  return std::nullopt;
}

CheckReport::CheckReport(const CheckOptions& options, std::ostream& out)
    : options_(options),
      out_(out),
      format_(check::format_named(options.format).value_or(check::Format::text)) {}

bool CheckReport::to_file() const { return !options_.output.empty(); }

Result<> CheckReport::begin(std::size_t kept_bytes) {
  if (!to_file() || !check::is_piecewise(format_)) return {};
  const auto mode = kept_bytes > 0 ? std::ios::in | std::ios::out : std::ios::out | std::ios::trunc;
  if (kept_bytes > 0 && ::truncate(options_.output.c_str(), static_cast<off_t>(kept_bytes)) != 0)
    return fail_errno(errno, "cut", options_.output);
  file_.open(options_.output, mode | std::ios::binary);
  if (file_ && kept_bytes > 0) file_.seekp(0, std::ios::end);
  return written();
}

Result<> CheckReport::written() const {
  if (file_) return {};
  return fail_errno(errno == 0 ? EIO : errno, "write", options_.output);
}

void CheckReport::add(const check::Examined& one) {
  if (!check::is_piecewise(format_)) return;
  const check::TextStyle style{.all = options_.all, .colour = !to_file() && Terminal::of_stdout().colour};
  const std::string part =
      format_ == check::Format::text ? check::text_report(one, style) : check::json_line(one);
  // One write for each part: what is there when a run is ended from outside is whole lines.
  (to_file() ? file_ : out_) << part << std::flush;
}

Result<> CheckReport::end(std::span<const check::Examined> all) {
  if (check::is_piecewise(format_)) return to_file() ? written() : Result<>{};
  const std::string whole = check::whole_report(format_, all, severity_of(options_.fail_on));
  if (to_file()) return write_file(options_.output, as_bytes(std::string_view(whole)), 0644);
  out_ << whole << std::flush;
  return {};
}

void CheckProgress::add(const check::Examined& one, bool found) {
  if (std::string endpoint = one.target.endpoint(); done_ == 0 || endpoint != last_) {
    ++done_;
    last_ = std::move(endpoint);
  }
  if (found) ++found_;
  if (!one.tested()) ++untested_;
  if (shown_)
    err_ << fmt::format("\r{} of {} targets, {} with findings, {} not tested", done_, targets_, found_,
                        untested_)
         << std::flush;
}

void CheckProgress::end() {
  if (shown_ && done_ > 0) err_ << '\n' << std::flush;
}

}  // namespace sally::app
