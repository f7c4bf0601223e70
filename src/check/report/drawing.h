// check/report/drawing.h - a handshake as a picture: two lines of life and what went between them (SVG).
#pragma once
#include <span>
#include <string>
#include <vector>

#include "check/observations.h"

namespace sally::check {

/// One message between client and server.
struct Arrow {
  bool from_client = false;
  bool encrypted = false;  ///< nobody in between can read it
  std::string name;        ///< "ServerHello"
  std::string note;        ///< what it says, in words; may be empty
  double at_ms = 0;        ///< since the first
};

/// What went by in a handshake, with what is known of each message.
std::vector<Arrow> arrows_of(const HandshakeSeen& h, const std::string& server_name);

/// An SVG element without outside references; its colours are those of the page (CSS variables --ink, --soft,
/// --edge, --accent, --clear). `host` and all texts may hold anything.
std::string draw_handshake(std::span<const Arrow> arrows, const std::string& host);

}  // namespace sally::check
