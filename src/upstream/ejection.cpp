#include "upstream/ejection.h"

#include <algorithm>

namespace sally::upstream {

bool Ejection::failed(const EjectionTerms& terms) {
  ++failures_;
  // After an ejection the first request is a trial.
  const std::uint32_t enough = times_ > 0 && failures_ == 1 ? 1 : terms.failures;
  return terms.failures != 0 && failures_ >= enough;
}

void Ejection::succeeded(TimePoint now) {
  failures_ = 0;
  if (times_ > 0 && now >= until_ + last_) times_ = 0;
}

void Ejection::eject(const EjectionTerms& terms, TimePoint now) {
  constexpr std::uint32_t kMostDoublings = 20;
  last_ = terms.first;
  for (std::uint32_t i = 0; i < std::min(times_, kMostDoublings) && last_ < terms.longest; ++i) last_ *= 2;
  last_ = std::min<Duration>(last_, terms.longest);
  until_ = now + last_;
  ++times_;
  failures_ = 0;
}

}  // namespace sally::upstream
