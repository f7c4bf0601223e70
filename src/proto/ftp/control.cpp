#include "proto/ftp/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "proto/reply_reader.h"

namespace sally::ftp {
namespace {

constexpr std::size_t kMostOpen = 64;  ///< commands that a client may send ahead

/// The next line without its end; nullopt: it is not whole yet.
Result<std::optional<std::string>> take_line(Buffer& in) {
  const std::string_view text = as_text(in.readable());
  const std::size_t end = text.find('\n');
  if (std::min(end, text.size()) > Inside::kLongestLine)
    return fail(proto::kTalksTooMuch, "a line without an end");
  if (end == text.npos) return std::nullopt;
  std::string out(text.substr(0, end));
  if (out.ends_with('\r')) out.pop_back();
  in.consume(end + 1);
  return out;
}

unsigned code_of(std::string_view line) {
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit)) return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  return static_cast<unsigned>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

bool is_transfer(std::string_view verb) {
  constexpr std::array kVerbs =
      std::to_array<std::string_view>({"list", "nlst", "mlsd", "retr", "stor", "stou", "appe"});
  return std::ranges::find(kVerbs, verb) != kVerbs.end();
}

/// "227 Entering Passive Mode (127,0,0,1,195,80).": the address is not believed. nullopt: nonsense.
std::optional<std::uint16_t> port_of_227(std::string_view line) {
  line.remove_prefix(3);
  std::size_t at = line.find('(');
  at = at == line.npos ? line.find_first_of("0123456789") : at + 1;
  std::array<unsigned, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (at >= line.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), numbers[i]);
    if (error != std::errc{} || numbers[i] > 255) return std::nullopt;
    at = static_cast<std::size_t>(end - line.data());
    if (i + 1 < numbers.size() && (at >= line.size() || line[at++] != ',')) return std::nullopt;
  }
  return static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5]);
}

/// "229 Entering Extended Passive Mode (|||6446|)" (RFC 2428 3).
std::optional<std::uint16_t> port_of_229(std::string_view line) {
  const std::size_t open = line.find('(');
  if (open == line.npos || open + 5 > line.size()) return std::nullopt;
  const char mark = line[open + 1];
  if (line[open + 2] != mark || line[open + 3] != mark) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(line.data() + open + 4, line.data() + line.size(), port);
  if (error != std::errc{} || end == line.data() + line.size() || *end != mark) return std::nullopt;
  return port;
}

/// What a server offers of its own TLS and of active transfers.
bool is_hidden_feature(std::string_view line) {
  const std::string word = ascii_lower(std::string(trim(line.substr(0, line.find_first_of(" \t;", 1)))));
  return word == "auth" || word == "pbsz" || word == "prot" || word == "ccc" || word == "eprt";
}

constexpr std::string_view kFeatures = " AUTH TLS\r\n PBSZ\r\n PROT\r\n";

}  // namespace

Result<Moves> Inside::step(Buffer& said, Buffer& answers) {
  Moves out;
  for (bool more = true; more && !passive_;) {
    TRY(more, answer_from_server(answers, out));
  }
  for (bool more = true; more && !passive_;) {
    TRY(more, command(said, out));
  }
  return out;
}

Result<bool> Inside::answer_from_server(Buffer& answers, Moves& out) {
  TRY(const auto line, take_line(answers));
  if (!line) return false;
  const unsigned code = code_of(*line);
  if (reply_code_ == 0 && code == 0)
    return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(*line)));
  const bool goes_on = line->size() > 3 && (*line)[3] == '-';
  const unsigned whole = reply_code_ == 0 ? code : reply_code_;
  const bool last = reply_code_ == 0 ? !goes_on : code == reply_code_ && !goes_on;
  const bool alone = reply_code_ == 0 && last;
  reply_code_ = last ? 0 : whole;
  one_line(*line, last, alone, whole, out);
  if (last && whole >= 200 && !open_.empty()) open_.pop_front();
  return true;
}

void Inside::one_line(const std::string& line, bool last, bool alone, unsigned code, Moves& out) {
  const Asked asked = open_.empty() ? Asked::other : open_.front();
  if (asked == Asked::features && (code >= 500 || (last && alone))) {  // it has none
    if (last) out.to_client += fmt::format("211-Features:\r\n{}211 End\r\n", kFeatures);
    return;
  }
  if (asked == Asked::features && code == 211) {
    if (!last && is_hidden_feature(line)) return;
    if (last) out.to_client += kFeatures;
  }
  const bool passive = asked == Asked::passive && code == 227,
             extended = asked == Asked::extended && code == 229;
  if (!passive && !extended) {
    out.to_client += line + "\r\n";
    return;
  }
  if (!last) return;
  const auto port = passive ? port_of_227(line) : port_of_229(line);
  if (port && *port != 0)
    passive_ = out.passive = Passive{.server_port = *port, .extended = extended};
  else
    out.to_client += not_opened().to_client;
}

Moves Inside::opened(std::string_view address, std::uint16_t port) {
  Moves out;
  const bool extended = passive_ && passive_->extended;
  passive_.reset();
  if (extended) {
    out.to_client = fmt::format("229 Entering Extended Passive Mode (|||{}|)\r\n", port);
    return out;
  }
  std::string numbers(address);
  std::ranges::replace(numbers, '.', ',');
  out.to_client = fmt::format("227 Entering Passive Mode ({},{},{})\r\n", numbers, port >> 8, port & 255);
  return out;
}

Moves Inside::not_opened() {
  passive_.reset();
  Moves out;
  out.to_client = "425 No data connection can be opened\r\n";
  return out;
}

Result<bool> Inside::command(Buffer& said, Moves& out) {
  const std::string_view text = as_text(said.readable());
  const std::size_t end = text.find('\n');
  if (std::min(end, text.size()) > kLongestLine)
    return fail(proto::kTalksTooMuch, "a command without an end");
  if (end == text.npos || open_.size() >= kMostOpen) return false;
  std::string line(text.substr(0, end));
  if (line.ends_with('\r')) line.pop_back();
  // RFC 959 4.1.3: ABOR may come with marks of telnet in front.
  const std::size_t begin = std::min(line.find_first_not_of("\xff\xf4\xf2 "), line.size());
  line.erase(0, begin);
  const std::size_t space = line.find(' ');
  const std::string verb = ascii_lower(line.substr(0, space));
  const std::string argument = space == line.npos ? "" : std::string(trim(line.substr(space + 1)));
  const std::string own = own_answer(verb, argument);
  if (!own.empty() && !open_.empty()) return false;  // replies keep their order
  said.consume(end + 1);
  out.to_client += own;
  if (!own.empty()) return true;
  const bool extended = verb == "epsv" && !ascii_iequals(argument, "all");
  open_.push_back(verb == "feat"   ? Asked::features
                  : verb == "pasv" ? Asked::passive
                  : extended       ? Asked::extended
                                   : Asked::other);
  out.to_server += extended ? "EPSV\r\n" : line + "\r\n";
  return true;
}

std::string Inside::own_answer(const std::string& verb, const std::string& argument) {
  if (verb == "pbsz") {
    sized_ = true;
    return "200 PBSZ=0\r\n";
  }
  if (verb == "prot") {
    if (!sized_) return "503 PBSZ comes first\r\n";
    protected_ = protected_ || ascii_iequals(argument, "P");
    return ascii_iequals(argument, "P") ? "200 PROT P\r\n" : "536 Only PROT P\r\n";
  }
  if (verb == "auth") return "503 TLS stands already\r\n";
  if (verb == "ccc") return "534 The control connection stays protected\r\n";
  if (verb == "port" || verb == "eprt" || verb == "lprt" || verb == "lpsv") return "502 Use EPSV or PASV\r\n";
  if (verb == "rein" || verb == "adat" || verb == "mic" || verb == "conf" || verb == "enc")
    return "502 Not here\r\n";
  if (is_transfer(verb) && !protected_) return "521 Data connections need PROT P\r\n";
  return {};
}

}  // namespace sally::ftp
