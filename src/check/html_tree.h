// check/html_tree.h - a parsed HTML page in memory of its own, with a limit on memory and time: gumbo has
// neither.
#pragma once
#include <gumbo.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

namespace sally::check {

class HtmlTree {
 public:
  /// `html` must outlive it. root() is null if `memory` bytes or `time` were not enough.
  HtmlTree(std::string_view html, std::size_t memory, std::chrono::milliseconds time);
  HtmlTree(const HtmlTree&) = delete;
  ~HtmlTree();

  const GumboNode* root() const { return root_; }

 private:
  struct Memory;
  static void* take(void* memory, std::size_t size);

  std::unique_ptr<Memory> memory_;
  const GumboNode* root_ = nullptr;
};

}  // namespace sally::check
