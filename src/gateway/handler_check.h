// gateway/handler_check.h - holds what a site or a route does against the world.
#pragma once
#include <string>
#include <vector>

#include "config/reading.h"
#include "gateway/settings_text.h"

namespace sally::gateway {

/// Looks at the one thing that is done with requests and at every file that it names.
///
/// handler      of the site itself, or of one of its routes
/// path         where the handler's keys stand: `site."example.com"`, `site."example.com".route.1`
/// may_be_none  something else answers where it does nothing
/// warnings     gets a sentence for what is odd but works
void check_handler(const HandlerConfig& handler, const SiteText& site, const std::string& path,
                   bool may_be_none, config::Reading& reading, std::vector<std::string>& warnings);

}  // namespace sally::gateway
