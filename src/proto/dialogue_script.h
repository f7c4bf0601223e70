// proto/dialogue_script.h - for tests: a server's part as a list of lines, and what the client made of it.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "proto/dialogue.h"

namespace sally::proto {

struct Played {
  std::vector<std::string> sent;  ///< by the client, in order
  DialogueStep last;
  bool asked_for_tls = false;
  std::string error;  ///< id; empty: none
  std::string left;   ///< of the server's bytes
};

/// Each of `server` is given when the client waits; `bytewise`: one byte at a time.
inline Played play(Dialogue& client, std::span<const std::string> server, bool bytewise = false) {
  Played out;
  Buffer in(std::size_t{1} << 20);
  std::string waiting;
  for (std::size_t next = 0;;) {
    auto step = client.step(in);
    if (!step) {
      out.error = step.error().kind().id;
      break;
    }
    out.last = *step;
    out.asked_for_tls |= step->asks_for_tls;
    if (!step->send.empty()) out.sent.push_back(step->send);
    if (step->next != DialogueStep::Next::bytes) break;
    if (!step->send.empty()) continue;
    if (waiting.empty() && next == server.size()) break;
    if (waiting.empty()) waiting = server[next++];
    const std::size_t piece = bytewise ? 1 : waiting.size();
    if (!in.append(std::string_view(waiting).substr(0, piece))) break;
    waiting.erase(0, piece);
  }
  out.left = std::string(as_text(in.readable())) + waiting;
  return out;
}

}  // namespace sally::proto
