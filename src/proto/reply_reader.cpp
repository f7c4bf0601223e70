#include "proto/reply_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace sally::proto {

std::string shown(std::string_view text) {
  std::string out(text.substr(0, 120));
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

Result<std::optional<std::string>> LineReader::next(Buffer& in) {
  const std::string_view text = as_text(in.readable());
  const std::size_t end = text.find('\n');
  if (std::min(end, text.size()) > limits_.bytes) return fail(kTalksTooMuch, "a line without an end");
  if (end == std::string_view::npos) return std::nullopt;
  if (++lines_ > limits_.lines) return fail(kTalksTooMuch, fmt::format("more than {} lines", limits_.lines));
  std::string out(text.substr(0, end));
  if (out.ends_with('\r')) out.pop_back();
  in.consume(end + 1);
  return out;
}

std::string Reply::text() const {
  return shown(fmt::format("{} {}", code, lines.empty() ? "" : lines.back()));
}

Result<std::optional<Reply>> ReplyReader::next(Buffer& in) {
  for (;;) {
    TRY(const auto line, lines_.next(in));
    if (!line) return std::nullopt;
    const bool numbered = line->size() >= 3 && std::all_of(line->begin(), line->begin() + 3, is_digit) &&
                          (line->size() == 3 || (*line)[3] == ' ' || (*line)[3] == '-');
    if (!numbered && open_.code == 0) return fail(kOtherSpeech, fmt::format("it said \"{}\"", shown(*line)));
    const unsigned code = numbered ? static_cast<unsigned>((*line)[0] - '0') * 100 +
                                         static_cast<unsigned>((*line)[1] - '0') * 10 +
                                         static_cast<unsigned>((*line)[2] - '0')
                                   : 0;
    if (code != 0 && open_.code == 0) open_.code = code;
    const bool same = numbered && code == open_.code;
    open_.lines.push_back(same && line->size() > 4 ? line->substr(4) : same ? "" : *line);
    if (same && (line->size() == 3 || (*line)[3] == ' ')) return std::exchange(open_, {});
  }
}

}  // namespace sally::proto
