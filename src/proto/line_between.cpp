#include "proto/line_between.h"

#include <algorithm>

namespace sally::proto {

void LineBetween::from_backend(std::string_view said, std::string& out) {
  while (!said.empty() && !stopped_) {
    if (raw_ != 0) {
      const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(raw_, said.size()));
      out.append(said.substr(0, n));
      said.remove_prefix(n);
      raw_ -= n;
      continue;
    }
    const std::size_t end = said.find('\n');
    const std::string_view piece = said.substr(0, end == said.npos ? end : end + 1);
    said.remove_prefix(piece.size());
    if (passing_ || goes_on_) {
      passing_ = true;
      out.append(piece);
      tail_.append(piece.substr(piece.size() - std::min<std::size_t>(piece.size(), 32)));
      if (tail_.size() > 32) tail_.erase(0, tail_.size() - 32);
    } else {
      kept_.append(piece);
    }
    if (end != piece.npos) {
      end_line(out);
    } else if (!passing_ && (kept_.size() > kLongestLine || !may_matter(kept_))) {
      let_go(out);
      out.append(kept_);
      tail_ = kept_.substr(kept_.size() - std::min<std::size_t>(kept_.size(), 32));
      kept_.clear();
      passing_ = true;
    }
  }
  if (!stopped_) return;
  let_go(out);
  out.append(kept_).append(said);
  kept_.clear();
}

void LineBetween::backend_ended(std::string& out) {
  stop();
  from_backend({}, out);
}

void LineBetween::end_line(std::string& out) {
  std::string_view line = passing_ ? tail_ : kept_;
  line.remove_suffix(std::min<std::size_t>(line.size(), line.ends_with("\r\n") ? 2 : 1));
  raw_ = raw_behind(line.substr(line.size() - std::min<std::size_t>(line.size(), 32)));
  goes_on_ = raw_ != 0;
  if (!passing_ && kept_.size() <= kLongestLine && may_matter(line)) {
    take(std::move(kept_), out);
  } else if (!passing_) {
    let_go(out);
    out.append(kept_);
  }
  kept_.clear();
  tail_.clear();
  passing_ = false;
}

}  // namespace sally::proto
