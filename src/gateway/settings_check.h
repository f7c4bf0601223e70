// gateway/settings_check.h - holds the parts of a configuration against each other: ports, names, accounts,
// limits.
#pragma once
#include "config/reading.h"
#include "gateway/settings_text.h"

namespace sally::gateway {

/// Makes Settings of what was written. Every fault is recorded in `reading`; the result is of use only if
/// there is none. allow_port_zero  the sites' addresses come from a flag
Settings check_settings(SettingsText text, config::Reading& reading, bool allow_port_zero);

}  // namespace sally::gateway
