#include "proto/ike/message.h"

#include <cstdlib>

#include "proto/ike/offer.h"
#include "proto/ike/phase1.h"
#include "proto/ike/transforms.h"

using namespace sally;

/// What is read and has no sealed part is written again as it was, but for bits that are reserved; everything
/// inside it is read too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = as_text(as_bytes(std::span(bytes, size)));
  const auto message = ike::parse(text);
  if (!message) return 0;
  for (const ike::Payload& one : message->payloads) {
    if (const auto offers = ike::read_sa(one.body))
      for (const ike::Proposal& offer : *offers)
        for (const ike::Transform& transform : offer)
          if (ike::name_of(transform).empty()) std::abort();
    if (const auto taken = ike::read_sa1(one.body); taken && taken->text().empty()) std::abort();
    (void)ike::vendor_name(one.body);
  }
  (void)ike::notices_of(*message);
  if (message->payloads.empty()) return 0;
  const auto again = ike::parse(ike::build(message->header, message->payloads));
  if (!again || again->payloads.size() != message->payloads.size()) std::abort();
  return 0;
}
