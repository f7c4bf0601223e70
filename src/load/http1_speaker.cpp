#include "load/http1_speaker.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::load {
namespace {

constexpr std::size_t kLongestHead = 256 * 1024;  ///< bytes
constexpr std::string_view kHeadEnd = "\r\n\r\n";
const http::HttpLimits kLimits;

std::unexpected<Error> bad(std::string why) { return fail(kBadAnswer, std::move(why)); }

}  // namespace

Http1Speaker::Http1Speaker(const RequestText& text, AnswerSink& sink, unsigned depth, std::uint64_t share)
    : text_(text), sink_(sink), asked_(depth), share_(share) {}

void Http1Speaker::ask(std::size_t url, Asked when, std::string& out) {
  asked_[(first_ + count_++) % asked_.size()] = when;
  spent_ = share_ != 0 && --share_ == 0;
  out += spent_ ? text_.http1_last(url) : text_.http1(url);
}

TimePoint Http1Speaker::take_due() {
  const TimePoint due = asked_[first_].due;
  first_ = (first_ + 1) % asked_.size();
  --count_;
  return due;
}

Result<> Http1Speaker::receive(Bytes in, std::string&) {
  while (!in.empty()) {
    std::size_t used = 0;
    switch (state_) {
      case State::head: {
        TRY(used, take_head(in));
        break;
      }
      case State::chunks: {
        TRY(used, take_chunks(in));
        break;
      }
      case State::content:
      case State::to_the_end:
        used = take_content(in);
    }
    in = in.subspan(used);
  }
  return {};
}

Result<std::size_t> Http1Speaker::take_head(Bytes in) {
  if (count_ == 0) return bad("an answer that nobody asked for");
  const std::string_view text = as_text(in);
  if (head_.empty()) {
    if (const std::size_t end = text.find(kHeadEnd); end != std::string_view::npos) {
      TRY_VOID(read_head(text.substr(0, end + 2)));
      return end + kHeadEnd.size();
    }
  }
  const std::size_t before = head_.size();
  head_ += text;
  const std::size_t end = head_.find(kHeadEnd, before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (head_.size() > kLongestHead) return bad("a head of more than 256 KiB");
    return in.size();
  }
  head_.resize(end + kHeadEnd.size());
  const std::size_t used = head_.size() - before;
  const std::string whole = std::exchange(head_, {});
  TRY_VOID(read_head(std::string_view(whole).substr(0, end + 2)));
  return used;
}

Result<> Http1Speaker::read_head(std::string_view head) {
  // RFC 9112 4: HTTP-version SP status-code SP [ reason-phrase ]; many servers leave out the last space.
  const bool old = head.starts_with("HTTP/1.0 ");
  const auto status = head.size() > 12 ? parse_number<std::uint16_t>(head.substr(9, 3)) : std::nullopt;
  if ((!old && !head.starts_with("HTTP/1.1 ")) || !status || *status < 100 ||
      (head[12] != ' ' && head[12] != '\r'))
    return bad("no status line of HTTP/1.1");
  status_ = *status;
  length_.reset();
  chunked_ = false;
  leaving_ |= old;
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    TRY_VOID(read_field(head.substr(at, end - at)));
    at = end + 2;
  }
  if (status_ == 101) return bad("it changes the protocol, which nobody asked for");
  if (status_ < 200) return {};
  // RFC 9112 6.3
  if (text_.is_head() || status_ == 204 || status_ == 304) {
    finish();
  } else if (chunked_) {
    chunks_.emplace(kLimits);
    state_ = State::chunks;
  } else if (length_) {
    left_ = *length_;
    state_ = State::content;
    if (left_ == 0) finish();
  } else {
    state_ = State::to_the_end;
    leaving_ = true;
  }
  return {};
}

Result<> Http1Speaker::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return bad("a line without a field name in the head");
  const std::string_view name = line.substr(0, colon);
  // Most fields are told apart by their length.
  if (name.size() == 14 && ascii_iequals(name, "content-length")) {
    const auto length = parse_number<std::uint64_t>(trim(line.substr(colon + 1)));
    if (!length || (length_ && length_ != length)) return bad("a content-length that is no number");
    length_ = length;
  } else if (name.size() == 17 && ascii_iequals(name, "transfer-encoding")) {
    if (!ascii_iequals(trim(line.substr(colon + 1)), "chunked"))
      return bad("a transfer-encoding but chunked");
    chunked_ = true;
  } else if (name.size() == 10 && ascii_iequals(name, "connection")) {
    leaving_ |= ascii_lower(line.substr(colon + 1)).contains("close");
  }
  return {};
}

std::size_t Http1Speaker::take_content(Bytes in) {
  if (state_ == State::to_the_end) {
    sink_.took_body(in.size());
    return in.size();
  }
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  left_ -= n;
  sink_.took_body(n);
  if (left_ == 0) finish();
  return n;
}

Result<std::size_t> Http1Speaker::take_chunks(Bytes in) {
  auto piece = chunks_->decode(in, in.size(), 0);
  if (!piece) return std::unexpected(fail(kBadAnswer).error().because(std::move(piece).error()));
  sink_.took_body(piece->content.size());
  if (piece->whole) finish();
  return piece->used;
}

void Http1Speaker::finish() {
  state_ = State::head;
  sink_.answered(status_, take_due());
  // RFC 9112 9.6: what was asked behind the last answer was not looked at.
  while (leaving_ && count_ > 0) sink_.unprocessed(take_due());
}

bool Http1Speaker::expire(TimePoint limit, std::string&) {
  if (count_ == 0 || asked_[first_].at >= limit) return true;
  abandon(Failure::timeout);
  return false;
}

void Http1Speaker::end_of_stream() {
  if (state_ == State::to_the_end) finish();
}

void Http1Speaker::abandon(Failure why) {
  while (count_ > 0) sink_.failed(why, take_due());
  leaving_ = true;
}

}  // namespace sally::load
