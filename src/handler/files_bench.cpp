// handler/files_bench.cpp - what a cached file costs in the handler alone, no codec and no socket.
//
//   files_bench [requests]     prints nanoseconds for each request; run it under callgrind for instructions
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "handler/test_site.h"

namespace sally::handler {
namespace {

struct Nobody final : http::ExchangeOwner {
  void response_ready(http::Exchange&) override {}
  void body_ready(http::Exchange&) override {}
  void interim_ready(http::Exchange&) override {}
  void abort(http::Exchange&, Error) override {}
};

const TestSite::FieldList kLoad = {{"host", "localhost:8443"}, {"user-agent", "load"}, {"accept", "*/*"}};
const TestSite::FieldList kBrowser = {
    {"host", "www.example.com"},
    {"sec-ch-ua", "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\""},
    {"sec-ch-ua-mobile", "?0"},
    {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"},
    {"accept", "text/css,*/*;q=0.1"},
    {"sec-fetch-site", "same-origin"},
    {"sec-fetch-mode", "no-cors"},
    {"sec-fetch-dest", "style"},
    {"referer", "https://www.example.com/"},
    {"accept-encoding", "gzip, deflate, br, zstd"},
    {"accept-language", "en-US,en;q=0.9"},
};

/// Of this thread: what else the machine does is not ours.
std::chrono::nanoseconds cpu_time() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

void measure(TestSite& site, const char* name, const TestSite::FieldList& fields, long requests) {
  Nobody owner;
  http::Exchange x(64 * 1024);
  site.get("/assets/app.css", fields);
  http::Handler& handler = site.handler();
  std::chrono::nanoseconds spent{};
  constexpr long kBatch = 1000;
  const long batches = requests / kBatch;
  for (const bool answering : {false, true}) {  // first what filling and recycling costs, then all of it
    const auto begin = cpu_time();
    for (long i = 0; i < batches; ++i) {
      site.loop().turn(Duration::zero());
      for (long j = 0; j < kBatch; ++j) {
        TestSite::fill(x, "GET", "/assets/app.css", fields);
        x.owned_by(owner);
        if (answering && !handler.answer_now(x)) std::abort();
        x.recycle();
      }
    }
    const auto all = cpu_time() - begin;
    spent = answering ? all - spent : all;
  }
  std::printf("%-8s %6.1f ns a request\n", name,
              static_cast<double>(spent.count()) / static_cast<double>(batches * kBatch));
}

}  // namespace
}  // namespace sally::handler

int main(int count, char** words) {
  using namespace sally::handler;
  const long requests = count > 1 ? std::atol(words[1]) : 2'000'000;
  TestSite site;
  site.folder.write("assets/app.css", std::string(1024, 'x'));
  for (int i = 0; i < 200; ++i) {
    const std::string name = "assets/file" + std::to_string(i) + ".css";
    site.folder.write(name, std::string(1024, 'x'));
    site.get("/" + name);
  }
  measure(site, "load", kLoad, requests);
  measure(site, "browser", kBrowser, requests);
}
