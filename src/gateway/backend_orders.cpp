#include "gateway/backend_orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace sally::gateway {
namespace {

std::string list(upstream::Board& board) {
  std::string out;
  for (const upstream::Board::Row& row : board.rows()) {
    const upstream::Posted::Totals totals = row.posted->totals();
    const char* const state = row.posted->draining ? "drained" : row.posted->healthy ? "well" : "not well";
    if (!out.empty()) out += '\n';
    out += fmt::format("{}  {}  {}  {} under way, {} in all, {} failed", row.address, row.group, state,
                       totals.active, totals.requests, totals.failures);
  }
  return out.empty() ? "no backends" : out;
}

}  // namespace

Verdict obey_backend_order(upstream::Board& board, std::string_view words) {
  if (words == "list") return {true, list(board)};
  const std::size_t space = std::min(words.find(' '), words.size());
  const std::string_view verb = words.substr(0, space);
  const std::string address(words.substr(std::min(space + 1, words.size())));
  if (verb != "drain" && verb != "enable") return {false, "this version of the program knows no such order"};
  const auto rows = board.rows();
  if (std::ranges::find(rows, address, &upstream::Board::Row::address) == rows.end())
    return {false, fmt::format("no backend \"{}\"; `sallyport backend list` names them", address)};
  board.drain(address, verb == "drain");
  return {true,
          fmt::format("{} {}", address, verb == "drain" ? "gets no new requests" : "gets requests again")};
}

}  // namespace sally::gateway
