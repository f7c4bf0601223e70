#include "proto/http2/client_codec.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "base/number.h"
#include "proto/http2/client_frames.h"
#include "proto/http2/session_memory.h"

namespace sally::http2 {
namespace {

constexpr std::int32_t kWholeWindow = 0x7fffffff;  ///< RFC 9113 6.9.1
constexpr std::size_t kFieldCost = 32;             ///< RFC 9113 6.5.2
constexpr std::size_t kContinuations = 8;

using Options = std::unique_ptr<nghttp2_option, Freed<nghttp2_option_del>>;

Session make_client_session(const ClientLimits& limits, void* user) {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) return nullptr;
  const Options options(option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_continuations(option, kContinuations);
  nghttp2_session* made = nullptr;
  if (nghttp2_session_client_new3(&made, &client_frames(), user, option, session_memory()) != 0)
    return nullptr;
  Session session(made);
  const std::array<nghttp2_settings_entry, 4> settings{{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  const bool said = nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0 &&
                    nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, kWholeWindow) == 0;
  return said ? std::move(session) : nullptr;
}

std::uint8_t* octets(std::string_view s) {  // nghttp2 does not write there
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(s.data()));
}

}  // namespace

ClientCodec::ClientCodec(const ClientLimits& limits)
    : limits_(limits), session_(make_client_session(limits, this)) {
  if (!session_) throw std::bad_alloc();
}

std::uint32_t ClientCodec::room() const {
  if (nghttp2_session_check_request_allowed(session_.get()) == 0) return 0;
  const std::uint32_t theirs =
      nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  const std::uint32_t most = std::min(theirs, limits_.streams);
  return most > open_ ? most - open_ : 0;
}

Result<> ClientCodec::submit(ClientStream& s, std::span<const nghttp2_nv> head, bool has_body) {
  const nghttp2_data_provider body = request_body_provider();
  const std::int32_t id = nghttp2_submit_request(session_.get(), nullptr, head.data(), head.size(),
                                                 has_body ? &body : nullptr, &s);
  if (id < 0) return fail(kServerProtocol, nghttp2_strerror(id));
  s.id_ = id;
  s.body_ended_ = !has_body;
  ++open_;
  return {};
}

ClientStream* ClientCodec::stream(std::int32_t id) const {
  return id == 0 ? nullptr
                 : static_cast<ClientStream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
}

void ClientCodec::resume(ClientStream& s) {
  if (s.id_ >= 0) nghttp2_session_resume_data(session_.get(), s.id_);
}

void ClientCodec::consumed(ClientStream& s, std::size_t n) {
  if (s.id_ >= 0) nghttp2_session_consume_stream(session_.get(), s.id_, n);
}

void ClientCodec::detach(ClientStream& s) {
  std::ranges::replace(noted_, &s, nullptr);
  s.noted_ = false;
  const std::int32_t id = std::exchange(s.id_, -1);
  if (id < 0) return;
  nghttp2_session_set_stream_user_data(session_.get(), id, nullptr);
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

// --- answers in

void ClientCodec::note(ClientStream& s) {
  if (std::exchange(s.noted_, true)) return;
  noted_.push_back(&s);
}

bool ClientCodec::add_field(ClientStream& s, std::string_view name, std::string_view value) {
  s.head_bytes_ += name.size() + value.size() + kFieldCost;
  if (s.head_bytes_ > limits_.header_bytes || ++s.head_fields_ > limits_.header_count) return false;
  if (name == ":status") {
    s.status_ = parse_number<std::uint16_t>(value).value_or(0);
    s.length_.reset();
    return ++s.interims_ <= kInterims + 1;
  }
  if (name == "content-length" && !s.final_) s.length_ = parse_number<std::uint64_t>(value);
  (s.final_ ? *s.trailers_ : *s.fields_).add(s.memory_->copy(name), s.memory_->copy(value));
  return true;
}

void ClientCodec::head_is_whole(ClientStream& s) {
  if (s.final_ || s.reset_) return;
  if (s.status_ < 200) return s.on_interim(s.status_);
  s.final_ = true;
  note(s);
}

Result<> ClientCodec::receive(Bytes bytes) {
  const ssize_t n = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  tell();
  if (n < 0) return fail(kServerProtocol, nghttp2_strerror(static_cast<int>(n)));
  return {};
}

void ClientCodec::tell() {
  if (std::exchange(telling_, true)) return;
  for (std::size_t i = 0; i < noted_.size(); ++i) tell(i);
  noted_.clear();
  telling_ = false;
}

/// A stream that is detached by one of its calls has left its place.
void ClientCodec::tell(std::size_t place) {
  const auto here = [&] { return noted_[place] != nullptr; };
  if (!here()) return;
  ClientStream& s = *noted_[place];
  if (s.sent_fresh_) {
    s.sent_fresh_ = false;
    s.on_sent();
  }
  if (here() && s.final_ && !s.told_final_) {
    s.told_final_ = true;
    s.on_final(s.status_, s.length_);
  }
  if (here() && s.input_fresh_) {
    s.input_fresh_ = false;
    s.on_input();
  }
  if (here() && s.reset_ && s.closed_) s.on_reset(s.code_, s.reset_by_peer_);
  if (here()) s.noted_ = false;
}

// --- requests out

std::ptrdiff_t ClientCodec::read_body(ClientStream& s, std::span<std::uint8_t> to, std::uint32_t& flags) {
  const Bytes have = s.body_.readable();
  const std::size_t n = std::min(have.size(), to.size());
  if (n == 0 && !s.body_ended_) return NGHTTP2_ERR_DEFERRED;
  if (n != 0) {
    std::memcpy(to.data(), have.data(), n);
    s.body_.consume(n);
    s.sent_fresh_ = true;
    note(s);
  }
  if (!s.body_.empty() || !s.body_ended_) return static_cast<std::ptrdiff_t>(n);
  s.body_.release_if_empty();
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (s.body_trailers_ == nullptr || s.body_trailers_->empty() || std::exchange(s.trailers_sent_, true))
    return static_cast<std::ptrdiff_t>(n);
  std::vector<nghttp2_nv> list;
  for (const http::Field& f : *s.body_trailers_)
    list.push_back({octets(f.name), octets(f.value), f.name.size(), f.value.size(), NGHTTP2_NV_FLAG_NONE});
  if (nghttp2_submit_trailer(session_.get(), s.id_, list.data(), list.size()) == 0)
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  return static_cast<std::ptrdiff_t>(n);
}

Result<> ClientCodec::produce(Buffer& out, std::size_t enough) {
  while (out.size() < enough) {
    const std::uint8_t* at = nullptr;
    const ssize_t n = nghttp2_session_mem_send(session_.get(), &at);
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (n < 0) return fail(kServerProtocol, nghttp2_strerror(static_cast<int>(n)));
    if (n == 0) break;
    TRY_VOID(out.append(std::as_bytes(std::span(at, static_cast<std::size_t>(n)))));
  }
  tell();
  // A GOAWAY of ours went out because of what came.
  if (open_ > 0 && nghttp2_session_want_read(session_.get()) == 0) return fail(kServerProtocol, fault_);
  return {};
}

bool ClientCodec::wants_to_send() const { return nghttp2_session_want_write(session_.get()) != 0; }

void ClientCodec::say_the_end() {
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
}

}  // namespace sally::http2
