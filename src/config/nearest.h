// config/nearest.h - which of the known words did someone mean who wrote another.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace sally::config {

/// Insertions, deletions, replacements and swaps of neighbours that turn a into b, ignoring the case of A-Z.
/// cost    a.size() * b.size()
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word that is nearest to `word`, or "" when none is near: about a third of its letters may
/// differ. Words of more than 64 bytes are near to nothing.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// `; did you mean "x"?`, or "" when nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace sally::config
