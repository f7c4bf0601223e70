// check/mend.h - what to write into which server's configuration so that a finding goes away.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "check/run.h"

namespace sally::check {

struct Snippet {
  std::string_view software;  ///< "nginx"
  std::string_view text;      ///< lines of its configuration, without a last line end
};

/// The names that --for takes.
std::span<const std::string_view> mendable_software();

/// For `software`; nullopt: there is none for this finding.
std::optional<Snippet> snippet_for(std::string_view finding_id, std::string_view software);

/// Some software has a snippet for this finding.
bool has_snippets(std::string_view finding_id);

/// What the Server field of an answer names; empty: nothing that is known here.
std::string_view software_of(std::string_view server_field);

/// For the software that the examination names, else for what was seen.
std::optional<Snippet> snippet_for(const Examined& one, const Finding& finding);

}  // namespace sally::check
