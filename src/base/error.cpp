#include "base/error.h"

namespace sally {

std::string Error::text() const {
  std::string out;
  for (const Body* b = body_.get(); b != nullptr; b = b->cause.get()) {
    if (!out.empty()) out += "; because ";
    out += b->kind->id;
    if (b->pos.offset != UINT64_MAX) out += " at byte " + std::to_string(b->pos.offset);
    if (b->pos.stream >= 0) out += " of stream " + std::to_string(b->pos.stream);
    if (!b->pos.field.empty()) out.append(" in ").append(b->pos.field);
    out.append(": ").append(b->kind->what);
    if (!b->detail.empty()) out.append(": ").append(b->detail);
    out.append("; ").append(b->kind->remedy);
    if (!b->kind->source.empty()) out.append(" (").append(b->kind->source).append(")");
  }
  return out;
}

}  // namespace sally
