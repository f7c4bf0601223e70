#include "net/dns_ask.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/ascii.h"
#include "base/time.h"
#include "loop/offload.h"
#include "os/fd.h"

namespace sally {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr unsigned kTries = 2;
constexpr std::size_t kMostServers = 3;
constexpr std::uint16_t kPort = 53;
constexpr std::size_t kQuestionFrom = 12, kLongestMessage = 65535;
constexpr unsigned kServerFailed = 2, kNoSuchNameCode = 3;

/// One message to one server and back; it blocks. nullopt: nothing usable came in time.
class Exchange {
 public:
  Exchange(const SocketAddress& server, std::string question)
      : server_(server), question_(std::move(question)) {
    // RFC 5452 9.2: a number that nobody can guess; the kernel picks the port.
    std::array<char, 2> number{};
    if (::getrandom(number.data(), number.size(), 0) == 2) std::ranges::copy(number, question_.begin());
  }

  std::optional<std::string> by_udp() {
    if (!open(SOCK_DGRAM) || ::send(fd_.get(), question_.data(), question_.size(), MSG_NOSIGNAL) < 0)
      return std::nullopt;
    std::string room(kLongestMessage, '\0');
    while (wait(POLLIN)) {
      const ssize_t n = ::recv(fd_.get(), room.data(), room.size(), MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN && errno != EINTR) return std::nullopt;
      if (n > 0 && is_ours(std::string_view(room).substr(0, static_cast<std::size_t>(n))))
        return room.substr(0, static_cast<std::size_t>(n));
    }
    return std::nullopt;
  }

  /// source  RFC 7766 8: two bytes of length in front of each message
  std::optional<std::string> by_tcp() {
    if (!open(SOCK_STREAM) || !wait(POLLOUT)) return std::nullopt;
    std::string out{static_cast<char>(question_.size() >> 8), static_cast<char>(question_.size() & 0xff)};
    out += question_;
    if (::send(fd_.get(), out.data(), out.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(out.size()))
      return std::nullopt;
    const auto head = receive(2);
    if (!head) return std::nullopt;
    const auto octet = [&](std::size_t i) {
      return static_cast<std::size_t>(static_cast<std::uint8_t>((*head)[i]));
    };
    auto message = receive(octet(0) << 8 | octet(1));
    return message && is_ours(*message) ? std::move(message) : std::nullopt;
  }

 private:
  bool open(int kind) {
    end_ = Clock::now() + kPatience;
    fd_.reset(::socket(server_.family(), kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return fd_ && (::connect(fd_.get(), server_.get(), server_.length()) == 0 || errno == EINPROGRESS);
  }

  bool wait(short wanted) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
    pollfd one{fd_.get(), wanted, 0};
    return left > 0 && ::poll(&one, 1, static_cast<int>(left)) > 0;
  }

  std::optional<std::string> receive(std::size_t bytes) {
    std::string out(bytes, '\0');
    for (std::size_t have = 0; have < bytes;) {
      if (!wait(POLLIN)) return std::nullopt;
      const ssize_t n = ::recv(fd_.get(), out.data() + have, bytes - have, 0);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return std::nullopt;
      have += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    return out;
  }

  /// The number and the question come back as they were sent; letters may change their case.
  bool is_ours(std::string_view message) const {
    const std::size_t end = question_.find('\0', kQuestionFrom) + 5;  // the name's end, type, class
    return message.size() >= end && message.substr(0, 2) == question_.substr(0, 2) &&
           ascii_iequals(message.substr(kQuestionFrom, end - kQuestionFrom),
                         std::string_view(question_).substr(kQuestionFrom, end - kQuestionFrom));
  }

  const SocketAddress& server_;
  std::string question_;
  Fd fd_;
  TimePoint end_{};
};

struct Asking {
  DnsServers servers;
  std::string name;
  DnsType type;

  Result<DnsAnswer> operator()() const {
    const std::string question = dns_question(name, type);
    if (question.empty()) return fail(kResolverFailed, name + " is no DNS name");
    std::string why = "no server is known";
    for (unsigned tries = 0; tries < kTries; ++tries)
      for (const SocketAddress& server : servers.servers) {
        auto answer = ask(server, question, why);
        if (!answer || answer->code == 0 || answer->code == kNoSuchNameCode) {
          if (!answer && answer.error().is(kResolverFailed)) continue;
          return answer;
        }
        why =
            fmt::format("{} answers with code {}{}", server.text(), answer->code,
                        answer->code == kServerFailed ? " (the server failed, or a signature is wrong)" : "");
      }
    return fail(kResolverFailed, fmt::format("{}: {}", name, why));
  }

  Result<DnsAnswer> ask(const SocketAddress& server, const std::string& question, std::string& why) const {
    Exchange exchange(server, question);
    auto message = exchange.by_udp();
    for (bool tcp = false; message; tcp = true) {
      auto answer = read_dns_answer(as_bytes(std::string_view(*message)), type);
      if (tcp || !answer || !answer->truncated) return answer;
      message = exchange.by_tcp();
    }
    why = server.text() + " does not answer";
    return fail(kResolverFailed, why);
  }
};

/// "address", "address:port", "[address]:port".
std::optional<SocketAddress> read_server(std::string_view text) {
  if (const auto plain = SocketAddress::numeric(text, kPort)) return plain;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return SocketAddress::numeric(host, port);
}

/// The next word, which is taken off.
std::string_view take_word(std::string_view& line) {
  line = trim(line);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view out = line.substr(0, end);
  line.remove_prefix(end);
  return out;
}

/// The addresses in the data of A and AAAA records.
void add_addresses(const DnsAnswer& answer, std::uint16_t port, std::vector<SocketAddress>& out) {
  for (const DnsRecord& record : answer.records) {
    const bool v4 = record.data.size() == 4;
    if (!v4 && record.data.size() != 16) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(v4 ? AF_INET : AF_INET6, record.data.data(), text.data(), text.size());
    const auto one = SocketAddress::numeric(text.data(), port);
    if (one && std::ranges::find(out, one->text(), &SocketAddress::text) == out.end()) out.push_back(*one);
  }
}

}  // namespace

DnsServers read_resolv_conf(std::string_view text) {
  DnsServers out;
  bool trusted = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view key = take_word(line);
    if (key == "options")
      for (std::string_view word = take_word(line); !word.empty(); word = take_word(line))
        trusted |= word == "trust-ad";
    if (key != "nameserver" || out.servers.size() == kMostServers) continue;
    if (const auto one = SocketAddress::numeric(take_word(line), kPort)) out.servers.push_back(*one);
  }
  if (out.servers.empty()) out.servers.push_back(*SocketAddress::numeric("127.0.0.1", kPort));
  out.vouch = trusted || std::ranges::all_of(out.servers, &SocketAddress::is_loopback);
  return out;
}

Result<DnsServers> named_dns_server(std::string_view text) {
  const auto one = read_server(text);
  if (!one) return fail(kResolverFailed, std::string(text) + " is no address of a DNS server");
  return DnsServers{{*one}, true};
}

Task<Result<DnsAnswer>> ask_dns(Loop& loop, DnsServers servers, std::string name, DnsType type) {
  auto waiting = offload(loop, Asking{std::move(servers), std::move(name), type});
  co_return co_await waiting;
}

Task<Result<std::vector<SocketAddress>>> ask_addresses(Loop& loop, DnsServers servers, std::string host,
                                                       std::uint16_t port) {
  if (const auto numeric = SocketAddress::numeric(host, port)) co_return std::vector{*numeric};
  std::vector<SocketAddress> out;
  for (const DnsType type : {DnsType::a, DnsType::aaaa}) {
    CO_TRY(const DnsAnswer answer, co_await ask_dns(loop, servers, host, type));
    add_addresses(answer, port, out);
  }
  if (out.empty()) co_return fail(kNoSuchName, host);
  co_return out;
}

}  // namespace sally
