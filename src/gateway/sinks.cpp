#include "gateway/sinks.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sally::gateway {

std::size_t RecordSizer::next(const tls::TlsConfig& config, TimePoint now) {
  if (now - last_ > config.record_idle) in_flow_ = 0;
  return in_flow_ < config.small_records_until ? std::min(config.first_record_bytes, Core::kRecordBytes)
                                               : Core::kRecordBytes;
}

void TlsSink::write(Bytes bytes) {
  while (!bytes.empty()) {
    if (gathered_ == 0 && bytes.size() >= limit_) {
      const std::size_t whole = limit_;  // sealing changes the limit
      seal(bytes.first(whole));
      bytes = bytes.subspan(whole);
      continue;
    }
    const std::size_t n = std::min(bytes.size(), limit_ - gathered_);
    std::memcpy(core_.gathered.data() + gathered_, bytes.data(), n);
    gathered_ += n;
    bytes = bytes.subspan(n);
    if (gathered_ == limit_) seal(Bytes(core_.gathered).first(std::exchange(gathered_, 0)));
  }
}

Result<> TlsSink::finish() {
  if (gathered_ != 0) seal(Bytes(core_.gathered).first(std::exchange(gathered_, 0)));
  if (failed_) return std::unexpected(*std::move(failed_));
  return {};
}

void TlsSink::seal(Bytes record) {
  if (failed_) return;
  if (auto written = session_.write(record); !written) failed_.emplace(std::move(written).error());
  sizer_.sent(record.size(), core_.loop.now());
  limit_ = sizer_.next(session_.identity().config(), core_.loop.now());
}

}  // namespace sally::gateway
