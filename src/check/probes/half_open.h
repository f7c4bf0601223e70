// check/probes/half_open.h - questions for a connection whose server has just said ServerHelloDone: whoever
// has one open anyway need not open another.
#pragma once
#include <string>

#include "check/probe.h"

namespace sally::check {

/// Sends ChangeCipherSpec before there are keys, and writes down what that says of CVE-2014-0224.
Task<Unit> ask_early_ccs(Examination& x, Line line, std::uint16_t version);

/// How many ways there are to encrypt a premaster secret wrongly, the right one included.
inline constexpr unsigned kKeyExchangeFlaws = 5;

/// Sends a ClientKeyExchange with the flaw of that number to a server whose RSA certificate is `leaf` (DER).
/// `out`: what it did; stays empty when it could not be asked.
Task<Unit> ask_key_exchange(Examination& x, Line line, std::uint16_t version, std::string leaf, unsigned flaw,
                            std::string& out);

}  // namespace sally::check
