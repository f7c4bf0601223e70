#include "handler/proxy_request.h"

#include <charconv>

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

struct Writer {
  std::string& to;
  void field(std::string_view name, std::string_view value) {
    to.append(name).append(": ").append(value).append("\r\n");
  }
};

std::string_view host_of(const http::Exchange& x, const ProxyConfig& config, std::string_view backend) {
  if (config.host == "backend") return backend.starts_with("unix:") ? std::string_view("localhost") : backend;
  if (config.host != "client") return config.host;
  // HTTP/1.0 may come without a host, HTTP/1.1 may not (RFC 9112 3.2).
  return x.request.authority.empty() ? std::string_view("localhost") : x.request.authority;
}

void add_identity(const http::Exchange& x, Writer& out) {
  const http::Request& r = x.request;
  const std::string_view client =
      x.facts ? std::string_view(x.facts->client_address) : std::string_view("unknown");
  const bool v6 = client.find(':') != client.npos;
  std::string& to = out.to;
  // RFC 7239 4 and 6: an IPv6 address is bracketed and quoted; a host with a port is quoted.
  to.append("forwarded: for=").append(v6 ? "\"[" : "").append(client).append(v6 ? "]\"" : "");
  if (!r.authority.empty()) to.append(";host=\"").append(r.authority).append("\"");
  to.append(";proto=").append(r.scheme).append("\r\n");
  out.field("x-forwarded-for", client);
  out.field("x-forwarded-proto", r.scheme);
  if (!r.authority.empty()) out.field("x-forwarded-host", r.authority);
  out.field("x-real-ip", client);
  if (!x.request_id.empty()) out.field("x-request-id", x.request_id);
}

void add_framing(const http::Request& r, Writer& out) {
  if (r.has_body && !r.content_length) return out.field("transfer-encoding", "chunked");
  // RFC 9110 8.6: a method that means something by its content says so even if there is none.
  const bool expected =
      r.method == http::Method::post || r.method == http::Method::put || r.method == http::Method::patch;
  if (!r.content_length && !expected) return;
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, r.content_length.value_or(0)).ptr;
  out.field("content-length", {digits, static_cast<std::size_t>(end - digits)});
}

/// RFC 6455 4.1. The one Upgrade that is ever passed on.
void add_upgrade(std::string_view key, Writer& out) {
  out.to.append("upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n");
  out.field("sec-websocket-key", key);
}

/// What add_upgrade() says.
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
                         std::string_view websocket_key, std::string& to) {
  const bool websocket = !websocket_key.empty();
  const http::Request& r = x.request;
  Writer out{to};
  to.append(websocket ? "GET" : r.method_text).append(" ").append(r.path);
  if (r.has_query) to.append("?").append(r.query);
  to.append(" HTTP/1.1\r\n");
  out.field("host", host_of(x, config, backend));
  bool names = false, trailers = false;
  for (const http::Field& f : r.fields) {
    names |= is(f.name, "connection");
    trailers |= is(f.name, "te");
  }
  for (const http::Field& f : r.fields) {
    if (is_hop_by_hop(f.name) || is_rewritten(f.name) || is_identity(f.name)) continue;
    if (websocket && is_of_upgrade(f.name)) continue;
    if (f.name.find('_') != f.name.npos && (!config.underscores || looks_like_identity(f.name))) continue;
    if (names && r.fields.lists("connection", f.name)) continue;
    out.field(f.name, f.value);
  }
  add_identity(x, out);
  if (websocket) {
    add_upgrade(websocket_key, out);
    to.append("\r\n");
    return;
  }
  add_framing(r, out);
  if (r.expects_continue) out.field("expect", "100-continue");
  // RFC 9110 10.1.4: TE is of one connection; whoever takes trailers says so on his own.
  if (trailers && r.fields.lists("te", "trailers")) to.append("te: trailers\r\nconnection: te\r\n");
  to.append("\r\n");
}

}  // namespace sally::handler
