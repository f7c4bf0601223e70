#include "handler/proxy_request.h"

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
  if (config.host == "backend") return backend.starts_with("unix:") ? std::string_view("localhost") : backend;
  if (config.host != "client") return config.host;
  // HTTP/1.0 may come without a host, HTTP/1.1 may not (RFC 9112 3.2).
  return x.request.authority.empty() ? std::string_view("localhost") : x.request.authority;
}

void add_identity(const http::Exchange& x, HeadSink& out) {
  const http::Request& r = x.request;
  const std::string_view client =
      x.facts ? std::string_view(x.facts->client_address) : std::string_view("unknown");
  const bool v6 = client.find(':') != client.npos;
  // RFC 7239 4 and 6: an IPv6 address is bracketed and quoted; a host with a port is quoted.
  std::string forwarded;
  forwarded.reserve(48 + client.size() + r.authority.size());
  forwarded.append("for=").append(v6 ? "\"[" : "").append(client).append(v6 ? "]\"" : "");
  if (!r.authority.empty()) forwarded.append(";host=\"").append(r.authority).append("\"");
  forwarded.append(";proto=").append(r.scheme);
  out.field("forwarded", forwarded);
  out.field("x-forwarded-for", client);
  out.field("x-forwarded-proto", r.scheme);
  if (!r.authority.empty()) out.field("x-forwarded-host", r.authority);
  out.field("x-real-ip", client);
  if (!x.request_id.empty()) out.field("x-request-id", x.request_id);
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
                         HeadSink& to) {
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
  to.start(head);
  for (const http::Field& f : r.fields) {
    if (is_hop_by_hop(f.name) || is_rewritten(f.name) || is_identity(f.name)) continue;
    if (f.name.find('_') != f.name.npos && (!config.underscores || looks_like_identity(f.name))) continue;
    if (names && r.fields.lists("connection", f.name)) continue;
    to.field(f.name, f.value);
  }
  add_identity(x, to);
}

}  // namespace sally::handler
