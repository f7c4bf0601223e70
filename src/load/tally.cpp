#include "load/tally.h"

#include <cmath>

namespace sally::load {
namespace {

constexpr std::size_t kParts = 10;
constexpr double kStudent95 = 2.262;  ///< of 9 degrees of freedom, both sides

}  // namespace

void Tally::add(const Tally& o) {
  answered += o.answered;
  for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] += o.statuses[i];
  for (std::size_t i = 0; i < failures.size(); ++i) failures[i] += o.failures[i];
  unsent += o.unsent;
  body_bytes += o.body_bytes;
  bytes_in += o.bytes_in;
  bytes_out += o.bytes_out;
  connections += o.connections;
  held += o.held;
  full += o.full;
  resumed += o.resumed;
  latency.add(o.latency);
  handshake.add(o.handshake);
  if (slices.size() < o.slices.size()) slices.resize(o.slices.size());
  for (std::size_t i = 0; i < o.slices.size(); ++i) slices[i] += o.slices[i];
  last_end = std::max(last_end, o.last_end);
}

double rate_noise(const std::vector<std::uint32_t>& slices) {
  const std::size_t width = slices.size() / kParts;
  if (width == 0) return -1;
  std::array<double, kParts> sums{};
  for (std::size_t i = 0; i < kParts * width; ++i) sums[i / width] += slices[i];
  double mean = 0, squares = 0;
  for (const double s : sums) mean += s / kParts;
  if (mean == 0) return -1;
  for (const double s : sums) squares += (s - mean) * (s - mean);
  return kStudent95 * std::sqrt(squares / (kParts - 1) / kParts) / mean;
}

}  // namespace sally::load
