#include "load/http2_speaker.h"

#include <algorithm>
#include <cstdlib>

#include "load/test_sink.h"

using namespace sally;
using namespace sally::load;

/// The first octet says in which pieces the rest comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Plan plan = [] {
    Plan p = plan_for("https://example.com/");
    p.body = "body";
    return p;
  }();
  static const RequestText text(plan, plan.urls);
  if (size == 0) return 0;
  TestSink sink;
  Http2Speaker speaker(text, sink, 3);
  std::string out;
  int asked = 0;
  const std::size_t piece = 1 + bytes[0];
  bool good = true;
  for (std::size_t at = 1; at < size && good; at += piece) {
    good = speaker.receive(as_bytes(std::span(bytes + at, std::min(piece, size - at))), out).has_value();
    while (good && speaker.has_room() && asked < 100) speaker.ask(0, asked_at(++asked), out);
    speaker.send_more(out);
    out.clear();
  }
  speaker.abandon(Failure::closed);
  if (std::count(sink.told.begin(), sink.told.end(), '@') != asked || speaker.pending() != 0) std::abort();
  return 0;
}
