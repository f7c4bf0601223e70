#include "gateway/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/toml.h"
#include "gateway/settings_check.h"
#include "gateway/site_check.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;
using config::flag_place;
using config::Node;
using config::Place;
using config::Reading;

constexpr std::string_view kDevelopmentPort = "localhost:8443";

Node text_node(const Place& place, std::string_view text) {
  Node node;
  node.kind = Node::Kind::text;
  node.place = place;
  node.text = text;
  return node;
}

/// Flags name files from where the user stands, so these nodes are made absolute here and stay strict: no
/// commas.
Node path_list(const Place& place, const std::vector<std::string>& paths) {
  Node list;
  list.kind = Node::Kind::list;
  list.place = place;
  for (const std::string& path : paths)
    list.items.push_back(text_node(place, path.empty() ? "" : Reading().absolute(path).string()));
  return list;
}

Node text_list(const Place& place, const std::vector<std::string>& texts) {
  Node list;
  list.kind = Node::Kind::list;
  list.place = place;
  for (const std::string& text : texts) list.items.push_back(text_node(place, text));
  return list;
}

/// Replaces or adds a member of a table.
void put(Node& table, std::string_view name, Node value) {
  if (Node* old = table.find(name))
    *old = std::move(value);
  else
    table.members.push_back({std::string(name), std::move(value)});
}

Node number_node(std::string_view flag, std::uint64_t number) {
  Node node;
  node.kind = Node::Kind::integer;
  node.place = flag_place(flag);
  node.integer = static_cast<std::int64_t>(number);
  return node;
}

/// Lays the flags that mean the same with a file and with a folder over the document.
void lay_over(Node& root, const ServeFlags& flags, Reading& reading) {
  if (flags.workers) put(root, "workers", number_node("workers", *flags.workers));
  if (flags.http_port) put(root, "http_port", number_node("http-port", *flags.http_port));
  for (const auto& [key, text] : flags.keys_by_name)
    if (!config::overlay(root, key, text)) reading.add(flag_place(key), "", "is no key of the configuration");
  Node* sites = root.find("site");
  if (flags.listen.empty() || sites == nullptr) return;
  for (auto& [name, site] : sites->members)
    if (site.kind == Node::Kind::table) put(site, "listen", text_list(flag_place("listen"), flags.listen));
}

Result<Settings> settings_of(const Node& root, Reading& reading, const ServeFlags& flags) {
  SettingsText text;
  reading.note_place("", root.place);
  SettingsText::block().read(&text, root, config::Spot{reading, ""});
  // A site with half of its keys would only raise questions that the first answers settle.
  if (!reading.ok()) return reading.error();
  Settings settings = check_settings(std::move(text), reading, !flags.listen.empty());
  if (!reading.ok()) return reading.error();
  return settings;
}

/// One site that is made of flags alone. `what` is the key of its handler.
Result<Settings> settings_of_site(std::string_view what, Node handler, const ServeFlags& flags) {
  const Place named = flag_place("name");
  Node root = config::empty_document("sallyport serve");
  Reading reading({}, &settings_table());

  Node site;
  site.place = flags.names.empty() ? root.place : named;
  put(site, std::string(what), std::move(handler));
  const std::string first = flags.names.empty() ? "localhost" : flags.names.front();
  if (flags.names.size() > 1)
    put(site, "names", text_list(named, {flags.names.begin() + 1, flags.names.end()}));
  const auto split = split_port(first);
  const bool has_port = split && split->port != 0;
  if (flags.listen.empty() && !has_port && std::ranges::all_of(flags.names, is_local_name))
    put(site, "listen", text_list(flag_place("listen"), {std::string(kDevelopmentPort)}));
  if (!flags.certificates.empty())
    put(site, "certificate", path_list(flag_place("certificate"), flags.certificates));
  if (!flags.keys.empty()) put(site, "key", path_list(flag_place("key"), flags.keys));

  Node sites;
  sites.place = site.place;
  put(sites, first, std::move(site));
  put(root, "site", std::move(sites));
  lay_over(root, flags, reading);
  return settings_of(root, reading, flags);
}

}  // namespace

std::vector<std::size_t> Settings::sites_at(const ListenAddress& address) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (std::ranges::any_of(sites[i].listen, [&](const ListenAddress& own) { return own.covers(address); }))
      out.push_back(i);
  return out;
}

Result<Settings> Settings::load(const fs::path& path, const ServeFlags& flags) {
  TRY(Node root, config::read_toml(path));
  Reading reading(path.parent_path(), &settings_table());
  lay_over(root, flags, reading);
  if (!flags.names.empty())
    reading.add(flag_place("name"), "",
                "needs a folder to serve; in a file the name stands in [site.\"...\"]");
  if (!flags.certificates.empty() || !flags.keys.empty())
    reading.add(flag_place("certificate"), "",
                "needs a folder to serve; in a file it is a key of [site.\"...\"]");
  return settings_of(root, reading, flags);
}

Result<Settings> Settings::for_folder(const fs::path& folder, const ServeFlags& flags) {
  Node files = text_node({std::make_shared<const std::string>("the folder"), 0},
                         folder.empty() ? "" : Reading().absolute(folder).string());
  return settings_of_site("files", std::move(files), flags);
}

Result<Settings> Settings::for_backend(const std::vector<std::string>& to, const ServeFlags& flags) {
  Node proxy;
  proxy.place = flag_place("to");
  put(proxy, "to", text_list(flag_place("to"), to));
  return settings_of_site("proxy", std::move(proxy), flags);
}

}  // namespace sally::gateway
