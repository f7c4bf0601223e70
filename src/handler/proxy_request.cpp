#include "handler/proxy_request.h"

#include "base/ascii.h"
#include "http/octets.h"

namespace sally::handler {
namespace {

using http::is;

/// What a backend may take for the truth about the client.
bool is_identity(std::string_view name) {
  if (name.size() < 9) return false;
  return name.starts_with("x-forwarded-") || is(name, "forwarded") || is(name, "x-real-ip") ||
         is(name, "x-request-id");
}

/// "x_forwarded_for" is what a framework's "HTTP_X_FORWARDED_FOR" may have been.
bool looks_like_identity(std::string_view name) {
  std::string with_hyphens(name);
  for (char& c : with_hyphens)
    if (c == '_') c = '-';
  return is_identity(with_hyphens) || is_hop_by_hop(with_hyphens) || with_hyphens == "host" ||
         with_hyphens == "content-length";
}

/// What the head says in its own words.
bool is_rewritten(std::string_view name) {
  switch (name.size()) {
    case 4:
      return is(name, "host");
    case 5:
      return is(name, "proxy");  // becomes HTTP_PROXY in CGI and its kin
    case 6:
      return is(name, "expect");
    case 14:
      return is(name, "content-length") || is(name, "http2-settings");
    default:
      return false;
  }
}

std::string_view host_of(const http::Exchange& x, const ProxyConfig& config, std::string_view backend) {
  if (config.host == "backend") return backend;
  if (config.host != "client") return config.host;
  // HTTP/1.0 may come without a host, HTTP/1.1 may not (RFC 9112 3.2).
  return x.request.authority.empty() ? std::string_view("localhost") : x.request.authority;
}

/// All values of a field, as one list.
std::string joined(const http::Fields& fields, std::string_view name) {
  std::string out;
  for (const http::Field& f : fields)
    if (f.name == name) out.append(out.empty() ? "" : ", ").append(f.value);
  return out;
}

/// The last one of the list that is no gateway of ours: who came to the first of them.
std::string_view real_client(std::string_view list, const ProxyConfig& config) {
  for (;;) {
    const std::size_t comma = list.rfind(',');
    const std::string_view last = trim(comma == list.npos ? list : list.substr(comma + 1));
    if (comma == list.npos || !any_contains(config.trusted_proxies, last)) return last;
    list = list.substr(0, comma);
  }
}

/// What is said of the client: our own word, behind that of gateways that are trusted.
class Identity {
 public:
  Identity(const http::Exchange& x, const ProxyConfig& config, HeadSink& out) : r_(x.request), out_(out) {
    const std::string_view peer =
        x.facts ? std::string_view(x.facts->client_address) : std::string_view("unknown");
    std::string forwarded = own_word(peer), longer;
    std::string_view addresses = peer, client = peer, scheme = r_.scheme, host = r_.authority;
    if (any_contains(config.trusted_proxies, peer)) {
      longer = after(joined(r_.fields, "x-forwarded-for"), peer);
      forwarded = after(joined(r_.fields, "forwarded"), forwarded);
      addresses = longer;
      client = real_client(addresses, config);
      scheme = r_.fields.first("x-forwarded-proto").value_or(scheme);
      host = r_.fields.first("x-forwarded-host").value_or(host);
    }
    out_.field("forwarded", forwarded);
    out_.field("x-forwarded-for", addresses);
    out_.field("x-forwarded-proto", scheme);
    if (!host.empty()) out_.field("x-forwarded-host", host);
    out_.field("x-real-ip", client);
    if (!x.request_id.empty()) out_.field("x-request-id", x.request_id);
  }

 private:
  /// RFC 7239 4 and 6: an IPv6 address is bracketed and quoted; a host with a port is quoted.
  std::string own_word(std::string_view client) const {
    const bool v6 = client.find(':') != client.npos;
    std::string out;
    out.reserve(48 + client.size() + r_.authority.size());
    out.append("for=").append(v6 ? "\"[" : "").append(client).append(v6 ? "]\"" : "");
    if (!r_.authority.empty()) out.append(";host=\"").append(r_.authority).append("\"");
    return out.append(";proto=").append(r_.scheme);
  }
  static std::string after(std::string theirs, std::string_view ours) {
    return theirs.append(theirs.empty() ? "" : ", ").append(ours);
  }

  const http::Request& r_;
  HeadSink& out_;
};

/// RFC 6455 4.1: said anew for the backend.
bool is_of_upgrade(std::string_view name) {
  return is(name, "sec-websocket-key") || is(name, "sec-websocket-version");
}

}  // namespace

bool is_hop_by_hop(std::string_view name) {
  switch (name.size()) {
    case 2:
      return is(name, "te");
    case 7:
      return is(name, "upgrade");
    case 10:
      return is(name, "connection") || is(name, "keep-alive");
    case 16:
      return is(name, "proxy-connection");
    case 17:
      return is(name, "transfer-encoding");
    case 18:
      return is(name, "proxy-authenticate");
    case 19:
      return is(name, "proxy-authorization");
    default:
      return false;
  }
}

void write_proxy_request(const http::Exchange& x, const ProxyConfig& config, std::string_view backend,
                         std::string_view websocket_key, HeadSink& to) {
  const bool websocket = !websocket_key.empty();
  const http::Request& r = x.request;
  bool names = false, trailers = false;
  for (const http::Field& f : r.fields) {
    names |= is(f.name, "connection");
    trailers |= is(f.name, "te");
  }
  RequestHead head;
  head.method = r.method;
  head.method_text = r.method_text;
  head.host = host_of(x, config, backend);
  head.path = r.path;
  head.query = r.query;
  head.has_query = r.has_query;
  head.has_body = r.has_body;
  head.content_length = r.content_length;
  head.expects_continue = r.expects_continue;
  // RFC 9110 10.1.4: TE is of one connection; whoever takes trailers says so on his own.
  head.takes_trailers = trailers && r.fields.lists("te", "trailers");
  if (websocket) {
    head.method = http::Method::get;
    head.method_text = "GET";
    head.upgrade = "websocket";  // the one Upgrade that is ever passed on
    head.has_body = head.expects_continue = head.takes_trailers = false;
    head.content_length.reset();
  }
  to.start(head);
  // RFC 8470 5.1: said of what may be a copy, and left alone where it was said before.
  const bool early = x.facts != nullptr && x.facts->early;
  if (early) to.field("early-data", "1");
  for (const http::Field& f : r.fields) {
    if (early && is(f.name, "early-data")) continue;
    if (is_hop_by_hop(f.name) || is_rewritten(f.name) || is_identity(f.name)) continue;
    if (websocket && is_of_upgrade(f.name)) continue;
    if (f.name.find('_') != f.name.npos && (!config.underscores || looks_like_identity(f.name))) continue;
    if (names && r.fields.lists("connection", f.name)) continue;
    to.field(f.name, f.value);
  }
  Identity(x, config, to);
  if (!websocket) return;
  to.field("sec-websocket-version", "13");
  to.field("sec-websocket-key", websocket_key);
}

}  // namespace sally::handler
