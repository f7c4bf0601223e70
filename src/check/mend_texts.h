// check/mend_texts.h - lines of configuration, by the software and by what they are a remedy for.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace sally::check {

/// What a snippet does. One may mend many findings.
enum class Remedy : std::uint8_t {
  versions,       ///< TLS 1.2 and 1.3 alone
  suites,         ///< forward secrecy and AEAD alone
  groups,         ///< X25519MLKEM768 first, then sound curves
  signatures,     ///< no SHA-1 in handshakes
  chain,          ///< the certificate file, in order
  stapling,       ///< an OCSP answer, or none
  tickets,        ///< a short life of sessions
  compression,    ///< none below TLS
  early_data,     ///< none
  client_auth,    ///< no certificate is asked of clients
  unknown_names,  ///< are refused
  tls_on,         ///< for the port, from the start or by STARTTLS
  login,          ///< none before TLS
  hsts,
  redirect,
  banner,
  sniffing,
  frames,
  referrer,
  packing,  ///< no compression of pages
  cookies,  ///< Secure, HttpOnly and SameSite on all
  cors,     ///< nothing is allowed to every origin
  upgrade,  ///< no TLS inside a plain connection
  h2
};

struct MendText {
  std::string_view software;  ///< as --for takes it
  Remedy remedy;
  std::string_view text;  ///< lines, without a last line end
};

/// Every snippet there is.
std::span<const MendText> all_mend_texts();

}  // namespace sally::check
