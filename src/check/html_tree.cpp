#include "check/html_tree.h"

#include <algorithm>
#include <csetjmp>
#include <cstddef>

namespace sally::check {
namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kAlign = alignof(std::max_align_t);
constexpr unsigned kLookAtClock = 1024;  ///< requests for memory between two looks

void give_nothing_back(void*, void*) {}

}  // namespace

/// Everything is given back at once at the end: the parser's own way is recursive, and a page may be nested a
/// hundred thousand times.
struct HtmlTree::Memory {
  std::vector<std::unique_ptr<std::byte[]>> blocks;
  std::byte* next = nullptr;
  std::size_t left = 0, allowed = 0;
  unsigned requests = 0;
  std::chrono::steady_clock::time_point end;
  std::jmp_buf enough;

  void* take(std::size_t size) {
    size = (size + kAlign - 1) / kAlign * kAlign;
    if (size > left) {
      const std::size_t fresh = std::max(size, kBlock);
      if (fresh > allowed) return nullptr;
      allowed -= fresh;
      blocks.push_back(std::make_unique_for_overwrite<std::byte[]>(fresh));
      next = blocks.back().get();
      left = fresh;
    }
    if (++requests % kLookAtClock == 0 && std::chrono::steady_clock::now() >= end) return nullptr;
    void* const out = next;
    next += size;
    left -= size;
    return out;
  }
};

/// The parser takes a null pointer for memory. Only its own frames, which are plain C, lie between here and
/// the place that is jumped to.
void* HtmlTree::take(void* memory, std::size_t size) {
  auto* const m = static_cast<Memory*>(memory);
  void* const out = m->take(size);
  if (!out) std::longjmp(m->enough, 1);
  return out;
}

HtmlTree::HtmlTree(std::string_view html, std::size_t memory, std::chrono::milliseconds time)
    : memory_(std::make_unique<Memory>()) {
  memory_->allowed = memory;
  memory_->end = std::chrono::steady_clock::now() + time;
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = take;
  options.deallocator = give_nothing_back;
  options.userdata = memory_.get();
  options.max_errors = 0;
  if (setjmp(memory_->enough) == 0) {
    const GumboOutput* const out = gumbo_parse_with_options(&options, html.data(), html.size());
    root_ = out->root;
  } else {
    root_ = nullptr;
  }
}

HtmlTree::~HtmlTree() = default;

}  // namespace sally::check
