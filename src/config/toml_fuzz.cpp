#include "config/toml.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "config/block.h"

namespace {

using namespace sally::config;
using namespace std::chrono_literals;

struct Inner {
  std::vector<std::string> words;
  std::uint16_t number = 1;
  std::map<std::string, std::string> entries;
};

struct Outer {
  bool on = false;
  std::size_t bytes = 1024;
  std::chrono::milliseconds wait = 1s;
  Rate rate = {1, 1};
  Inner inner;
  std::vector<Inner> many;
};

const Block<Inner> kInner = Block<Inner>("inner")
                                .key("words", &Inner::words, List<Text>{}, "words")
                                .key("number", &Inner::number, Count{1, 65'535}, "number")
                                .key("entries", &Inner::entries, Map<Text, Text>{}, "entries")
                                .shorthand("words");

const Block<Outer> kOuter = Block<Outer>("outer")
                                .key("on", &Outer::on, Switch{}, "on")
                                .key("bytes", &Outer::bytes, Size{1024, 65'536}, "bytes")
                                .key("wait", &Outer::wait, Time{1s, 60s}, "wait")
                                .key("rate", &Outer::rate, Frequency{}, "rate")
                                .block("inner", &Outer::inner, kInner)
                                .named("many", &Outer::many, kInner,
                                       [](const Outer& outer, std::string_view) { return outer.inner; });

}  // namespace

/// Whatever the bytes: no crash, and a value in hand lies in its range.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto node = parse_toml({reinterpret_cast<const char*>(bytes), size}, "fuzz.toml");
  if (!node) return 0;
  const auto outer = parse(*node, kOuter);
  if (outer && (outer->bytes < 1024 || outer->bytes > 65'536 || outer->wait < 1s || outer->wait > 60s))
    std::abort();
  return 0;
}
