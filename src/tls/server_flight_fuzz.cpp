#include "tls/server_flight.h"

#include <algorithm>
#include <cstdlib>

using namespace sally;

namespace {

/// The same bytes in pieces of any size must tell the same.
tls::ServerFlight read(Bytes in, std::size_t piece, tls::FlightReader::Until until, bool& failed) {
  tls::FlightReader reader(until, {.bytes = 65536, .certificates = 8});
  for (std::size_t at = 0; at < in.size(); at += piece) {
    const auto done = reader.feed(in.subspan(at, std::min(piece, in.size() - at)));
    failed = !done;
    if (!done || *done) break;
  }
  return reader.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const Bytes in = as_bytes(std::span(bytes, size));
  for (const auto until : {tls::FlightReader::Until::hello, tls::FlightReader::Until::hello_done,
                           tls::FlightReader::Until::sealed}) {
    bool whole_failed = false, cut_failed = false;
    const tls::ServerFlight whole = read(in, std::max<std::size_t>(size, 1), until, whole_failed);
    const tls::ServerFlight cut = read(in, 7, until, cut_failed);
    if (whole_failed == cut_failed && whole.stranger == tls::Stranger::none &&
        (whole.hello.has_value() != cut.hello.has_value() || whole.certificates != cut.certificates))
      std::abort();
    if (whole.hello) {
      (void)whole.hello->group();
      (void)whole.hello->alpn();
      (void)whole.hello->downgrade_mark();
    }
  }
  return 0;
}
