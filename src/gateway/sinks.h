// gateway/sinks.h - the two ways of a codec's bytes to the socket: as they are, or gathered into TLS records.
#pragma once
#include <cstdint>
#include <optional>

#include "base/out_buffer.h"
#include "base/time.h"
#include "gateway/core.h"
#include "proto/codec.h"
#include "tls/server_session.h"

namespace sally::gateway {

/// How large the next record may be: small at first, so that the client can act on the first bytes it gets,
/// full once the connection is in flow, small again after a silence. A few bytes for each connection.
class RecordSizer {
 public:
  std::size_t next(const tls::TlsConfig& config, TimePoint now);
  void sent(std::size_t bytes, TimePoint now) {
    in_flow_ += bytes;
    last_ = now;
  }

 private:
  std::size_t in_flow_ = 0;
  TimePoint last_{};
};

class PlainSink final : public ByteSink {
 public:
  explicit PlainSink(OutBuffer& out) : out_(out) {}
  std::size_t room() const override { return out_.room(); }
  void write(Bytes bytes) override { out_.append(bytes); }

 private:
  OutBuffer& out_;
};

/// Lives for one produce(): finish() seals what is left.
class TlsSink final : public ByteSink {
 public:
  TlsSink(Core& core, tls::ServerSession& session, RecordSizer& sizer)
      : core_(core),
        session_(session),
        sizer_(sizer),
        limit_(sizer.next(session.identity().config(), core.loop.now())) {}
  std::size_t room() const override {
    const std::size_t left = core_.out.room();
    return left > gathered_ ? left - gathered_ : 0;
  }
  void write(Bytes bytes) override;
  /// Errors: crypto.call_failed, from any of the writes.
  Result<> finish();

 private:
  void seal(Bytes record);

  Core& core_;
  tls::ServerSession& session_;
  RecordSizer& sizer_;
  std::size_t limit_, gathered_ = 0;
  std::optional<Error> failed_;
};

}  // namespace sally::gateway
