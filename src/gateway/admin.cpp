#include "gateway/admin.h"

#include <utility>

#include "net/socket_address.h"

namespace sally::gateway {
namespace {

constexpr std::uint32_t kMostConnections = 64;

/// Answers programs, never pages: a browser's script that reaches this address by a name of its own (DNS
/// rebinding) or from a page of another site gets nothing.
class AdminHandler final : public http::Handler {
 public:
  explicit AdminHandler(AdminFacts facts) : facts_(std::move(facts)) {}

  bool answer_now(http::Exchange& x) override {
    const http::Request& r = x.request;
    x.request_body.discard();
    if (!r.host.empty() && r.host != "localhost" && !SocketAddress::numeric(r.host, 0))
      refuse(x, 421, "This address is asked for as localhost or by its number.\n");
    else if (r.fields.first("origin") || r.fields.first("sec-fetch-mode"))
      refuse(x, 403, "This address is not for pages in browsers.\n");
    else if (r.method != http::Method::get && r.method != http::Method::head)
      refuse(x, 405, "Only GET and HEAD.\n");
    else if (r.path == "/metrics")
      x.respond_text(200, "text/plain; version=0.0.4; charset=utf-8", facts_.metrics());
    else if (r.path == "/health")
      health(x);
    else
      refuse(x, 404, "There are /metrics and /health.\n");
    return true;
  }
  Task<Result<Unit>> handle(http::Exchange& x) override {
    answer_now(x);
    co_return Unit{};
  }

 private:
  static void refuse(http::Exchange& x, int status, std::string why) {
    x.respond_text(status, "text/plain; charset=utf-8", std::move(why));
  }
  void health(http::Exchange& x) const {
    const bool serving = facts_.serving();
    x.response.fields.add("cache-control", "no-store");
    x.respond_text(serving ? 200 : 503, "text/plain; charset=utf-8", serving ? "serving\n" : "draining\n");
  }

  AdminFacts facts_;
};

Settings settings_for(const std::vector<ListenAddress>& addresses) {
  Settings out;
  out.workers = 1;
  out.limits.max_connections = kMostConnections;
  SiteConfig site;
  site.names = {"localhost"};
  site.fallback = true;  // which names it answers to is the handler's to say
  site.listen = addresses;
  site.limits = out.limits;
  out.sites.push_back(std::move(site));
  for (const ListenAddress& address : addresses)
    out.ports.push_back({.address = address, .protocol = PortProtocol::http, .h2c = false});
  return out;
}

}  // namespace

Result<std::unique_ptr<Admin>> Admin::open(const std::vector<ListenAddress>& addresses,
                                           std::vector<InheritedSocket>& inherited) {
  auto made = std::make_unique<Admin>();
  made->generation_ = next_generation(settings_for(addresses), nullptr);
  std::vector<InheritedSocket> copies;
  for (const InheritedSocket& one : inherited) copies.push_back({Fd(::dup(one.fd.get())), one.name});
  [[maybe_unused]] const auto datagrams = take_datagrams(copies);
  TRY(made->ports_, open_ports(made->generation_->settings, 1, std::move(copies)));
  return made;
}

Result<> Admin::start(AdminFacts facts, ErrorLog& errors, OffloadPool& pool) {
  counts_ = std::make_unique<ConnectionLimits>(kMostConnections, 0);
  Duty duty{generation_, {nullptr}, {}};
  for (const OpenPort& port : ports_) {
    TRY(auto sockets, sockets_of(port, 0, 1));
    duty.doors.push_back({port.id, port.config, port.asked, false, std::move(sockets)});
  }
  WorkerParts parts{errors,
                    nullptr,
                    *counts_,
                    pool,
                    board_,
                    quic_,
                    0,
                    [facts = std::move(facts)]() -> std::unique_ptr<http::Handler> {
                      return std::make_unique<AdminHandler>(facts);
                    }};
  TRY(worker_, Worker::make(std::move(parts), std::move(duty)));
  thread_ = std::jthread([this] { worker_->run(); });
  return {};
}

Admin::~Admin() {
  if (worker_) worker_->stop();
}

}  // namespace sally::gateway
