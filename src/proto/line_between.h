// proto/line_between.h - changes single lines of what a backend says, and passes everything else on as it
// comes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "proto/server_side.h"

namespace sally::proto {

/// A line that may be worth a change is kept until its end is there; every other byte goes on at once.
class LineBetween : public Between {
 public:
  void from_backend(std::string_view said, std::string& out) final;
  void backend_ended(std::string& out) final;

 protected:
  static constexpr std::size_t kLongestLine = 8 * 1024;  ///< longer ones go on unchanged

  /// For good: nothing more is changed, nothing more is kept.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  /// By the beginning of a line, without its end.
  virtual bool may_matter(std::string_view begun) const = 0;
  /// A whole line with its end.
  virtual void take(std::string line, std::string& out) = 0;
  /// What take() has kept back comes out, for what is next is none of its concern.
  virtual void let_go(std::string&) {}
  /// How many bytes behind a line are none of lines. tail: its end, without CR LF, at most 32 bytes.
  virtual std::uint64_t raw_behind(std::string_view) const { return 0; }

  void end_line(std::string& out);

  std::string kept_, tail_;
  std::uint64_t raw_ = 0;  ///< bytes that are looked over
  bool passing_ = false;   ///< inside a line that does not matter
  bool goes_on_ = false;   ///< behind raw bytes: the line had begun before them
  bool stopped_ = false;
};

/// Collects a client's lines, as far as their first words.
class FirstWords {
 public:
  /// Calls seen(words) at the end of each line, with at most its first 64 bytes in lower case.
  template <typename Seen>
  void hear(std::string_view said, Seen seen) {
    while (!said.empty()) {
      const std::size_t end = said.find('\n');
      const std::string_view piece = said.substr(0, end);
      if (line_.size() < kMost) line_.append(piece.substr(0, kMost - line_.size()));
      if (end == said.npos) return;
      said.remove_prefix(end + 1);
      for (char& c : line_) c = ascii_lower(c);
      if (line_.ends_with('\r')) line_.pop_back();
      seen(std::string_view(line_));
      line_.clear();
    }
  }

 private:
  static constexpr std::size_t kMost = 64;
  std::string line_;
};

}  // namespace sally::proto
