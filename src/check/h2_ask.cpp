#include "check/h2_ask.h"

#include <fmt/format.h>

#include "check/http_answer.h"
#include "proto/http2/client_codec.h"
#include "proto/http2/request_fields.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;  ///< of frames that wait to be sent
constexpr unsigned kMostReads = 1000;          ///< pieces that may come before the answer's head

class Asked final : public http2::ClientStream {
 public:
  explicit Asked(http2::ClientCodec& codec) : ClientStream({kMostBytes, 0}), codec_(codec) {
    memory_ = &arena_;
    fields_ = &answer_;
    trailers_ = &more_;
  }
  ~Asked() override { codec_.detach(*this); }

  unsigned status() const { return status_; }
  /// RFC 9113 7; absent: the stream was not ended early.
  std::optional<std::uint32_t> refused() const { return refused_; }

 private:
  void on_interim(int) override { answer_.clear(); }
  void on_final(int status, std::optional<std::uint64_t>) override {
    status_ = static_cast<unsigned>(status);
  }
  void on_input() override {
    const std::size_t n = content_.size();
    content_.consume(n);
    codec_.consumed(*this, n);
  }
  void on_reset(std::uint32_t code, bool) override { refused_ = code; }
  void on_sent() override {}

  http2::ClientCodec& codec_;
  Arena arena_;
  http::Fields answer_, more_;
  unsigned status_ = 0;
  std::optional<std::uint32_t> refused_;
};

/// The head of a GET, with texts that live for the call.
void write_head(http2::RequestFields& out, std::string_view authority, std::string_view path) {
  RequestHead head;
  head.scheme = "https";
  head.host = authority;
  head.path = path;
  out.start(head);
  out.field("user-agent", "sallyport-trace");
  out.field("accept", "*/*");
}

}  // namespace

Task<Result<unsigned>> ask_over_http2(Talk& talk, std::string authority, std::string path,
                                      std::chrono::milliseconds patience) {
  const http2::ClientLimits limits;
  http2::ClientCodec codec(limits);
  Asked asked(codec);
  http2::RequestFields fields;
  write_head(fields, authority, path);
  CO_TRY_VOID(codec.submit(asked, fields.all(), false));
  Buffer out(kMostBytes);
  for (unsigned reads = 0; reads < kMostReads; ++reads) {
    CO_TRY_VOID(codec.produce(out, kMostBytes / 2));
    std::string frames(as_text(out.readable()));
    out.consume(frames.size());
    if (!frames.empty()) CO_TRY_VOID(co_await talk.say(std::move(frames)));
    if (asked.status() != 0) co_return asked.status();
    if (asked.refused())
      co_return fail(kNotHttp, fmt::format("the server ends the stream with code {}", *asked.refused()));
    CO_TRY(const std::string heard, co_await talk.hear(patience));
    if (heard.empty()) co_return fail(kOutOfTime, "the server is silent");
    CO_TRY_VOID(codec.receive(as_bytes(std::string_view(heard))));
  }
  co_return fail(kOutOfTime, "no answer came among a thousand pieces");
}

}  // namespace sally::check
