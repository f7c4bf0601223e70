// load/test_sink.h - what a speaker told, written down for the tests.
#pragma once
#include <string>
#include <string_view>

#include "load/request_text.h"
#include "load/speaker.h"

namespace sally::load {

struct TestSink final : AnswerSink {
  std::string told = {};  ///< "200@1 failed(reset)@2 ", the due times in nanoseconds
  std::size_t body_bytes = 0;

  void answered(unsigned status, TimePoint due) override { note(std::to_string(status), due); }
  void failed(Failure why, TimePoint due) override {
    note("failed(" + std::string(kFailureNames[static_cast<std::size_t>(why)]) + ")", due);
  }
  void unprocessed(TimePoint due) override { note("unprocessed", due); }
  void took_body(std::size_t bytes) override { body_bytes += bytes; }

 private:
  void note(const std::string& what, TimePoint due) {
    told += what + "@" + std::to_string(due.time_since_epoch().count()) + " ";
  }
};

inline Asked asked_at(int nanoseconds) {
  return {TimePoint(Duration(nanoseconds)), TimePoint(Duration(nanoseconds))};
}

inline Plan plan_for(std::string_view url) {
  Plan plan;
  plan.urls.push_back(*parse_load_url(url));
  return plan;
}

}  // namespace sally::load
