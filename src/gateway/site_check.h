// gateway/site_check.h - holds one site against the world: its names, addresses, files, certificates.
#pragma once
#include "config/reading.h"
#include "gateway/settings_text.h"

namespace sally::gateway {

/// Fills in names and addresses from what is written. Faults are recorded in `reading`.
/// allow_port_zero  the addresses come from a flag
void resolve_site(SiteText& site, config::Reading& reading, bool allow_port_zero);

/// Looks at what the site does and at every file it names, and fills in its certificates.
///
/// over_tls  at least one of its addresses speaks TLS
/// only_certificate  none of them is of the web: the site needs no handler
/// warnings  gets a sentence for what is odd but works
void check_site(SiteText& site, bool over_tls, bool only_certificate, config::Reading& reading,
                std::vector<std::string>& warnings);

/// What is wrong with a host name or address as the name of a site, or "".
std::string check_site_name(std::string_view name);

/// The dotted key of a site's key: `site."example.com".files`.
std::string site_path(const SiteText& site, std::string_view key = {});

}  // namespace sally::gateway
