#include "load/doze.h"

#include <algorithm>

namespace sally::load {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLately = 5ms, kLongest = 250us;
constexpr Duration kShortest = 40us;  ///< less is not worth a sleep
constexpr unsigned kPart = 8;

}  // namespace

Duration Doze::next(TimePoint now, std::uint64_t ended, std::uint64_t open) {
  if (now - since_ >= kLately) {
    const std::uint64_t n = ended - ended_since_;
    each_ = n != 0 && ended_since_ != 0 ? (now - since_) / static_cast<Duration::rep>(n) : Duration(0);
    since_ = now;
    ended_since_ = ended;
  }
  // A server that stands still is waited for.
  if (ended == ended_last_) return 0s;
  ended_last_ = ended;
  const Duration length = each_ * static_cast<Duration::rep>(open) / kPart;
  return length < kShortest ? 0s : std::min(length, kLongest);
}

}  // namespace sally::load
