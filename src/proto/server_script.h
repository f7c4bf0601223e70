// proto/server_script.h - for tests: a client's part as text, and what the server made of it.
#pragma once
#include <string>
#include <string_view>

#include "proto/server_side.h"

namespace sally::proto {

struct Served {
  std::string sent;  ///< by the server, greeting included
  ServerStep::Next next = ServerStep::Next::bytes;
  std::string error;  ///< id; empty: none
  std::string left;   ///< of the client's bytes, not looked at
};

/// bytewise: one byte at a time.
inline Served serve(const ServerSide& side, std::string_view client, bool bytewise = false,
                    const ServerTerms& terms = {.name = "here.example"}) {
  const auto dialogue = side.dialogue(terms);
  Served out;
  out.sent = dialogue->greeting();
  Buffer in(std::size_t{1} << 20);
  while (out.next == ServerStep::Next::bytes) {
    const auto step = dialogue->step(in);
    if (!step) {
      out.error = step.error().kind().id;
      break;
    }
    out.sent += step->send;
    out.next = step->next;
    if (client.empty() || out.next != ServerStep::Next::bytes) break;
    const std::size_t piece = bytewise ? 1 : client.size();
    if (!in.append(client.substr(0, piece))) break;
    client.remove_prefix(piece);
  }
  out.left = std::string(as_text(in.readable())) + std::string(client);
  return out;
}

/// What the client gets of what a backend says inside TLS.
inline std::string between(const ServerSide& side, std::string_view backend, std::string_view client = "",
                           bool bytewise = false) {
  const auto filter = side.between();
  std::string out;
  filter->from_client(client);
  const std::size_t piece = bytewise ? 1 : backend.size();
  for (std::size_t at = 0; at < backend.size(); at += piece)
    filter->from_backend(backend.substr(at, piece), out);
  return out;
}

}  // namespace sally::proto
