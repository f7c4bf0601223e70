#include "http/body.h"

#include <algorithm>

namespace sally::http {

Body Body::memory(Bytes bytes, std::shared_ptr<const void> keep) {
  Body b;
  b.length_ = bytes.size();
  if (!bytes.empty()) b.body_ = Memory{bytes, std::move(keep)};
  return b;
}

Body Body::text(std::string text) {
  auto keep = std::make_shared<const std::string>(std::move(text));
  const Bytes bytes = as_bytes(std::string_view(*keep));
  return memory(bytes, std::move(keep));
}

Body Body::from(std::unique_ptr<BodySource> source, std::optional<std::uint64_t> length) {
  Body b;
  b.body_ = std::move(source);
  b.length_ = length;
  return b;
}

Result<BodyView> Body::view(std::size_t want) {
  if (auto* memory = std::get_if<Memory>(&body_))
    return BodyView{memory->left.first(std::min(want, memory->left.size())), memory->left.size() <= want};
  if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&body_)) return (*source)->view(want);
  return BodyView{{}, true};
}

void Body::consume(std::size_t n) {
  if (auto* memory = std::get_if<Memory>(&body_)) memory->left = memory->left.subspan(n);
  if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&body_)) (*source)->consume(n);
}

void Body::wake_with(Waker& waker) {
  if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&body_)) (*source)->wake_with(waker);
}

}  // namespace sally::http
