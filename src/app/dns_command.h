// app/dns_command.h - `sallyport dns`: the records that a zone should have for the sites of a configuration.
#pragma once
#include <iosfwd>
#include <string_view>

namespace sally::app {

/// Prints an HTTPS record for each public name that is served over TLS, as a line of a zone file. A browser
/// that finds it comes by HTTP/3 at once, and never in plain HTTP. Opens nothing and asks nobody.
///
/// path  of the configuration file
///
/// returns the exit status: 0; 1 when the file is not good
///
/// source  RFC 9460 9, 7.1.2, 2.3 (names of other ports than 443)
int dns_records(std::string_view path, std::ostream& out, std::ostream& err);

}  // namespace sally::app
