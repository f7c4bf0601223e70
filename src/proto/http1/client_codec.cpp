#include "proto/http1/client_codec.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/ascii.h"
#include "base/number.h"
#include "http/octets.h"
#include "http/status.h"

namespace sally::http1 {
namespace {

using http::is;

Error caused(const ErrorKind& kind, Error cause) {
  return Error(kind, cause.pos(), {}, cause.raised()).because(std::move(cause));
}

/// "timeout=5, max=100": the seconds.
std::chrono::seconds keep_alive_of(std::string_view value) {
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = trim(rest.substr(0, comma));
    if (ascii_lower(item.substr(0, 8)) == "timeout=")
      return std::chrono::seconds(parse_number<std::uint32_t>(item.substr(8)).value_or(0));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

struct StatusLine {
  int status = 0;
  bool old_version = false;
};

/// `line` without its line end. RFC 9112 4 wants the space before an empty reason; it is not insisted on.
Result<StatusLine> parse_status_line(std::string_view line) {
  const WirePos at{0, -1, "status-line"};
  if (line.size() < 12 || (!line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.0 ")))
    return fail(kBadStatusLine, at);
  if (!is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) ||
      (line.size() > 12 && line[12] != ' '))
    return fail(kBadStatusLine, at);
  const char* const end = line.data() + line.size();
  if (http::find_control(line.data(), end) != end) return fail(kBadStatusLine, at);
  const int status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  // RFC 9110 15: codes outside 100..599 are invalid.
  if (status < 100 || status > 599) return fail(kBadStatusLine, at);
  return StatusLine{status, line[7] == '0'};
}

}  // namespace

void ClientCodec::expect(http::Method method, bool upgrade) {
  method_ = method;
  upgrade_ = upgrade;
  interims_ = 0;
  offset_ = 0;
  scan_.reset();
  body_.end();
  end_ = AnswerEnd::at_once;
}

Result<std::optional<AnswerHead>> ClientCodec::read_head(std::string_view text, Arena& memory,
                                                         http::Fields& fields) {
  constexpr std::string_view kBegin = "HTTP/1.";
  const std::size_t known = std::min(text.size(), kBegin.size());
  if (text.substr(0, known) != kBegin.substr(0, known))
    return fail(kBadStatusLine, WirePos{offset_, -1, "status-line"});
  const std::size_t end = scan_.end_of(text);
  if (end > limits_.header_bytes || (end == 0 && text.size() >= limits_.header_bytes))
    return fail(kServerHeadTooLarge, WirePos{offset_},
                "limit is " + std::to_string(limits_.header_bytes) + " bytes");
  if (end == 0) return std::nullopt;
  scan_.reset();
  TRY(AnswerHead head, parse(text.substr(0, end), memory, fields));
  offset_ += end;
  end_ = head.end;
  if (head.status < 200 && head.status != 101 && ++interims_ > kInterims)
    return fail(kTooManyInterims, "more than " + std::to_string(kInterims));
  if (end_ == AnswerEnd::length) body_.begin(head.content_length);
  if (end_ == AnswerEnd::chunked) body_.begin(std::nullopt);
  return head;
}

Result<AnswerHead> ClientCodec::parse(std::string_view text, Arena& memory, http::Fields& fields) {
  const char* const line_end = http::find_control(text.data(), text.data() + text.size());
  const auto line_size = static_cast<std::size_t>(line_end - text.data());
  if (*line_end != '\r' || line_end[1] != '\n') return fail(kBadStatusLine, WirePos{line_size});
  TRY(const StatusLine line, parse_status_line(text.substr(0, line_size)));

  const std::string_view lines = text.substr(line_size + 2);
  auto* const copy = reinterpret_cast<char*>(memory.take(lines.size(), 1));
  std::memcpy(copy, lines.data(), lines.size());
  if (auto parsed = parse_fields({copy, lines.size()}, offset_ + line_size + 2, limits_.header_count, fields);
      !parsed) {
    const bool many = parsed.error().is(kTooManyFields);
    return std::unexpected(caused(many ? kServerHeadTooLarge : kBadServerHead, std::move(parsed).error()));
  }
  AnswerHead head;
  head.size = text.size();
  head.status = line.status;
  head.keeps = !line.old_version;
  for (const http::Field& f : fields) {
    if (is(f.name, "connection")) {
      if (fields.lists("connection", "close"))
        head.keeps = false;
      else if (line.old_version)
        head.keeps = fields.lists("connection", "keep-alive");
    } else if (is(f.name, "keep-alive")) {
      head.keep_for = keep_alive_of(f.value);
    }
  }
  TRY_VOID(settle_end(fields, line.old_version, head));
  return head;
}

/// RFC 9112 6.3, in its order.
Result<> ClientCodec::settle_end(const http::Fields& fields, bool old_version, AnswerHead& head) const {
  std::string_view coding;
  unsigned lengths = 0, codings = 0;
  for (const http::Field& f : fields) {
    if (is(f.name, "content-length")) {
      ++lengths;
      head.content_length = parse_number<std::uint64_t>(f.value);
      constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (!head.content_length || *head.content_length > kMost)
        return fail(kServerFraming, WirePos{offset_, -1, "content-length"}, "not one plain number");
    } else if (is(f.name, "transfer-encoding")) {
      ++codings;
      coding = f.value;
    }
  }
  if (lengths > 1)
    return fail(kServerFraming, WirePos{offset_, -1, "content-length"}, "more than one length");
  // RFC 9112 6.1: a server MUST NOT send a transfer coding in 1xx and 204, nor with a length. Either may be
  // an attempt to split the answer, so nothing of it is believed.
  if (codings != 0 && lengths != 0)
    return fail(kServerFraming, WirePos{offset_, -1, "transfer-encoding"}, "a length and a coding");
  if (codings > 1 || (codings == 1 && !ascii_iequals(coding, "chunked")))
    return fail(kServerFraming, WirePos{offset_, -1, "transfer-encoding"}, "not chunked alone");
  if (codings == 1 && (old_version || head.status < 200 || head.status == 204))
    return fail(kServerFraming, WirePos{offset_, -1, "transfer-encoding"}, "chunked where it may not be");
  if (head.status == 101) {
    if (!upgrade_) return fail(kUnaskedSwitch);
    head.end = AnswerEnd::tunnel;
    return {};
  }
  if (method_ == http::Method::head || http::forbids_content(head.status)) return {};
  if (codings == 1)
    head.end = AnswerEnd::chunked;
  else if (lengths == 1)
    head.end = *head.content_length == 0 ? AnswerEnd::at_once : AnswerEnd::length;
  else
    head.end = AnswerEnd::at_close;
  if (head.end == AnswerEnd::at_close) head.keeps = false;
  return {};
}

Result<ChunkedDecoder::Piece> ClientCodec::read_content(Bytes in) {
  if (end_ == AnswerEnd::at_close || end_ == AnswerEnd::tunnel) {
    offset_ += in.size();
    return ChunkedDecoder::Piece{in.size(), in, false};
  }
  auto piece = body_.read(in, in.size(), offset_);
  if (!piece) return std::unexpected(caused(kServerContent, std::move(piece).error()));
  offset_ += piece->used;
  return piece;
}

std::optional<Bytes> ClientCodec::whole_content(Bytes in, Arena& memory) {
  if (end_ == AnswerEnd::at_once) return in.empty() ? std::optional(Bytes()) : std::nullopt;
  if (end_ == AnswerEnd::length) {
    if (in.size() != body_.left()) return std::nullopt;
    const std::string_view kept = memory.copy(as_text(in));
    return as_bytes(kept);
  }
  // Without trailers only: the last chunk is the end of the bytes.
  if (end_ != AnswerEnd::chunked || !as_text(in).ends_with("\r\n0\r\n\r\n")) return std::nullopt;
  BodyReader ahead(body_);
  std::byte* const copy = memory.take(in.size(), 1);
  for (std::size_t size = 0; !in.empty();) {
    auto piece = ahead.read(in, in.size(), offset_);
    if (!piece) return std::nullopt;
    if (!piece->content.empty()) std::memcpy(copy + size, piece->content.data(), piece->content.size());
    size += piece->content.size();
    in = in.subspan(piece->used);
    if (piece->whole) return in.empty() ? std::optional(Bytes(copy, size)) : std::nullopt;
  }
  return std::nullopt;
}

Result<> ClientCodec::read_trailers(Arena& memory, http::Fields& out) {
  auto read = body_.read_trailers(memory, offset_, out);
  body_.end();
  if (!read) return std::unexpected(caused(kServerContent, std::move(read).error()));
  return {};
}

Result<> ClientCodec::end_of_input() const {
  if (end_ == AnswerEnd::at_close || end_ == AnswerEnd::tunnel) return {};
  return fail(kServerCutShort, WirePos{offset_});
}

}  // namespace sally::http1
