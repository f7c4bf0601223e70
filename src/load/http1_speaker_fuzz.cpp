#include "load/http1_speaker.h"

#include <algorithm>
#include <cstdlib>

#include "load/test_sink.h"

using namespace sally;
using namespace sally::load;

/// The first octet says in which pieces the rest comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Plan plan = plan_for("http://example.com/");
  static const RequestText text(plan, plan.urls);
  if (size == 0) return 0;
  TestSink sink;
  Http1Speaker speaker(text, sink, 3);
  std::string out;
  for (int i = 0; i < 3; ++i) speaker.ask(0, asked_at(i), out);
  const std::size_t piece = 1 + bytes[0];
  bool good = true;
  for (std::size_t at = 1; at < size && good; at += piece)
    good = speaker.receive(as_bytes(std::span(bytes + at, std::min(piece, size - at))), out).has_value();
  if (good) speaker.end_of_stream();
  speaker.abandon(Failure::closed);
  if (std::count(sink.told.begin(), sink.told.end(), '@') != 3) std::abort();
  return 0;
}
