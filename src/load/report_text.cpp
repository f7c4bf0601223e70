#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "load/report.h"

namespace sally::load {
namespace {

constexpr int kBars = 12, kBarWidth = 40;
constexpr double kClientBusy = 0.9;  ///< of its threads' time: then the figures may be the client's

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string show_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 100 ? 0 : 1, kUnits[unit]);
}

std::string strong(std::string_view text, bool colour) {
  return colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

std::string line(std::string_view name, std::string_view text) {
  return fmt::format("{:<12}{}\n", name, text);
}

std::string_view speech_name(const Plan& plan, const Outcome& outcome) {
  if (outcome.tls && outcome.tls->alpn == "h3") return "HTTP/3";
  if (outcome.tls) return outcome.tls->alpn == "h2" ? "HTTP/2" : "HTTP/1.1";
  return plan.speech == Speech::http2 ? "HTTP/2" : "HTTP/1.1";
}

std::string how(const Plan& plan, const Outcome& outcome) {
  std::string out = fmt::format("{} connection{}", plan.connections, plan.connections == 1 ? "" : "s");
  const unsigned depth = speech_name(plan, outcome) == "HTTP/1.1" ? plan.pipeline : plan.streams;
  if (!plan.counts_handshakes() && depth > 1) out += fmt::format(" x {}", depth);
  if (const auto n = plan.requests_per_connection; n != 0)
    out += fmt::format(", {} request{} on each", grouped(n), n == 1 ? "" : "s");
  out += fmt::format(", {} thread{}", plan.threads, plan.threads == 1 ? "" : "s");
  out += plan.rate > 0 ? fmt::format(", {:g} a second", plan.rate) : ", as fast as possible";
  out += fmt::format(", measured for {:.2f} s", outcome.seconds);
  if (plan.warm_up.count() > 0)
    out += fmt::format(" after {:g} s of warm-up", static_cast<double>(plan.warm_up.count()) / 1000);
  return out + (outcome.stopped ? ", stopped early" : "");
}

std::string head(const Plan& plan, const Outcome& outcome, bool colour) {
  std::string out;
  for (const LoadUrl& url : plan.urls) out += strong(url.text(), colour) + "\n";
  std::string where;
  for (const std::string& address : outcome.addresses) where += (where.empty() ? "" : ", ") + address;
  if (!plan.counts_handshakes()) where += fmt::format(", {}", speech_name(plan, outcome));
  if (const auto& tls = outcome.tls) {
    for (const std::string& one : {tls->version, tls->group, tls->suite, tls->signature})
      if (!one.empty()) where += ", " + one;
  }
  return out + where + "\n" + how(plan, outcome) + "\n\n";
}

std::string errors(const Tally& tally) {
  std::string out;
  for (std::size_t i = 0; i < kFailureNames.size(); ++i)
    if (tally.failures[i] != 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", kFailureNames[i], grouped(tally.failures[i]));
  return out.empty() ? "none" : out;
}

std::string counts(const Plan& plan, const Outcome& outcome, bool colour) {
  const Tally& t = outcome.tally;
  const std::string noise = outcome.noise < 0 ? "" : fmt::format(" (+- {:.1f} %)", outcome.noise * 100);
  std::string out = line(
      plan.counts_handshakes() ? "handshakes" : "requests",
      fmt::format("{} good, {} a second{}", grouped(outcome.good(plan)),
                  strong(grouped(static_cast<std::uint64_t>(std::llround(outcome.per_second(plan)))), colour),
                  noise));
  if (!plan.counts_handshakes()) {
    std::string answers;
    for (std::size_t i = 0; i < t.statuses.size(); ++i)
      if (t.statuses[i] != 0)
        answers +=
            fmt::format("{}{} {}", answers.empty() ? "" : ", ",
                        i == 0 ? std::string("other") : fmt::format("{}xx", i), grouped(t.statuses[i]));
    out += line("answers", answers.empty() ? "none" : answers);
  }
  out += line("errors", errors(t));
  if (t.unsent != 0)
    out += line("not sent",
                fmt::format("{} that were due: the rate was more than the server, or this client, can bear",
                            grouped(t.unsent)));
  out += line("bytes", fmt::format("{} in, {} out, {} of bodies", show_bytes(static_cast<double>(t.bytes_in)),
                                   show_bytes(static_cast<double>(t.bytes_out)),
                                   show_bytes(static_cast<double>(t.body_bytes))));
  out += line("connections", fmt::format("{}, handshakes {} full, {} resumed{}", grouped(t.connections),
                                         grouped(t.full), grouped(t.resumed),
                                         t.handshake.count() == 0
                                             ? std::string()
                                             : fmt::format(", each {} (median) from the first packet on",
                                                           show_time(t.handshake.at_percentile(50)))));
  if (plan.hold.count() != 0)
    out += line("held", fmt::format("{} connections for {:g} s, idle", grouped(t.held),
                                    static_cast<double>(plan.hold.count()) / 1000));
  return out;
}

std::string drawn(const Histogram& times) {
  const double least = std::max<double>(1, static_cast<double>(times.at_rank(1).count()));
  const double step =
      std::pow(std::max(1.001, static_cast<double>(times.greatest().count()) / least), 1.0 / kBars);
  std::array<std::uint64_t, kBars> bars{};
  std::array<Duration, kBars> ends{};
  Duration from = Duration(-1);
  double end = least;
  for (std::size_t i = 0; i < kBars; ++i) {
    end *= step;
    ends[i] = i + 1 == kBars ? Duration::max() : Duration(static_cast<Duration::rep>(end));
    bars[i] = times.between(from, ends[i]);
    from = ends[i];
  }
  ends.back() = times.greatest();
  const std::uint64_t most = std::max<std::uint64_t>(1, *std::ranges::max_element(bars));
  std::string out;
  for (std::size_t i = 0; i < kBars; ++i) {
    const auto width = static_cast<std::size_t>((bars[i] * kBarWidth + most - 1) / most);
    out += fmt::format("  <= {:>9}  {:<{}}  {:5.1f} %\n", show_time(ends[i]), std::string(width, '#'),
                       kBarWidth, 100 * static_cast<double>(bars[i]) / static_cast<double>(times.count()));
  }
  return out;
}

std::string latency(const Histogram& times) {
  if (times.count() == 0) return {};
  std::string out = line("latency", fmt::format("least {}, mean {}, greatest {}", show_time(times.least()),
                                                show_time(times.mean()), show_time(times.greatest())));
  for (const double percent : kPercentiles)
    out += fmt::format("{:>9g} %  {}\n", percent, show_time(times.at_percentile(percent)));
  return out + drawn(times);
}

std::string costs(const Plan& plan, const Outcome& outcome) {
  const double good = static_cast<double>(std::max<std::uint64_t>(outcome.good(plan), 1));
  const char* const each = plan.counts_handshakes() ? "handshake" : "request";
  std::string out;
  if (outcome.server_before && outcome.server_after) {
    const double cpu = outcome.server_after->cpu_seconds - outcome.server_before->cpu_seconds;
    const auto grown = outcome.server_most_bytes > outcome.server_before->memory_bytes
                           ? outcome.server_most_bytes - outcome.server_before->memory_bytes
                           : 0;
    out +=
        line("server",
             fmt::format("{:.2f} us of CPU a {}; memory {} at most, {} more than before: {} a connection",
                         cpu * 1e6 / good, each, show_bytes(static_cast<double>(outcome.server_most_bytes)),
                         show_bytes(static_cast<double>(grown)),
                         show_bytes(static_cast<double>(grown) / plan.connections)));
    const auto before = outcome.server_before->memory_bytes, held = outcome.server_after->memory_bytes;
    if (plan.hold.count() != 0 && outcome.tally.held != 0)
      out += line("", fmt::format("{} more than before while they were held: {} for each",
                                  show_bytes(static_cast<double>(held - std::min(before, held))),
                                  show_bytes(static_cast<double>(held - std::min(before, held)) /
                                             static_cast<double>(outcome.tally.held))));
  }
  out += line("client", fmt::format("{:.2f} us of CPU a {}", outcome.client_cpu_seconds * 1e6 / good, each));
  if (outcome.seconds > 0.5 && outcome.client_cpu_seconds > kClientBusy * outcome.seconds * plan.threads)
    out += line("", "its threads had no time left: the server may bear more; raise --threads");
  return out;
}

}  // namespace

std::string show_time(Duration time) {
  const double us = static_cast<double>(time.count()) / 1e3;
  const auto digits = [](double v) { return v < 10 ? 2 : v < 100 ? 1 : 0; };
  if (us < 1000) return fmt::format("{:.{}f} us", us, digits(us));
  if (us < 1e6) return fmt::format("{:.{}f} ms", us / 1e3, digits(us / 1e3));
  return fmt::format("{:.{}f} s", us / 1e6, digits(us / 1e6));
}

Bounded bounded_percentile(const Histogram& times, double percent) {
  const double n = static_cast<double>(times.count()), p = percent / 100;
  const double half = 1.96 * std::sqrt(n * p * (1 - p));
  const auto rank = [&](double at) {
    return static_cast<std::uint64_t>(std::clamp(at, 1.0, std::max(n, 1.0)));
  };
  return {times.at_percentile(percent), times.at_rank(rank(std::floor(n * p - half))),
          times.at_rank(rank(std::ceil(n * p + half) + 1))};
}

std::string load_text(const Plan& plan, const Outcome& outcome, bool colour) {
  return head(plan, outcome, colour) + counts(plan, outcome, colour) + latency(outcome.tally.latency) +
         costs(plan, outcome);
}

}  // namespace sally::load
