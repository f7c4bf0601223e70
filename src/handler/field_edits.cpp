#include "handler/field_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace sally::handler {

std::string check_edit_value(std::string_view value) {
  std::vector<FieldEdits::Part> parts;
  std::string why;
  FieldEdits::parse(value, parts, why);
  return why;
}

bool FieldEdits::parse(std::string_view value, std::vector<Part>& parts, std::string& why) {
  constexpr std::pair<std::string_view, Variable> kVariables[] = {
      {"client_address", Variable::client_address},
      {"host", Variable::host},
      {"method", Variable::method},
      {"path", Variable::path},
      {"request_id", Variable::request_id},
      {"scheme", Variable::scheme}};
  Part part;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool doubled = i + 1 < value.size() && value[i + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      part.text += c;
      ++i;
      continue;
    }
    if (c != '{' && c != '}') {
      part.text += c;
      continue;
    }
    const std::size_t end = value.find('}', i);
    const std::string_view name = c == '{' && end != value.npos ? value.substr(i + 1, end - i - 1) : "";
    const auto* const known =
        std::ranges::find(kVariables, name, &std::pair<std::string_view, Variable>::first);
    if (known == std::end(kVariables)) {
      why = name.empty() ? "has a single brace; write {{ or }} for a brace"
                         : fmt::format(
                               "has no variable {{{}}}; there are {{client_address}}, {{host}}, {{method}}, "
                               "{{path}}, {{request_id}} and {{scheme}}",
                               name);
      return false;
    }
    part.variable = known->second;
    parts.push_back(std::exchange(part, Part{}));
    i = end;
  }
  if (!part.text.empty()) parts.push_back(std::move(part));
  return true;
}

FieldEdits::FieldEdits(const std::map<std::string, std::string>& edits) {
  for (const auto& [name, value] : edits) {
    Edit edit{ascii_lower(name), {}};
    std::string why;
    parse(value, edit.parts, why);
    edits_.push_back(std::move(edit));
  }
}

bool FieldEdits::names(std::string_view name) const {
  return std::ranges::find(edits_, name, &Edit::name) != edits_.end();
}

std::string_view FieldEdits::value_of(Variable variable, const http::Exchange& x) {
  switch (variable) {
    case Variable::none:
      return {};
    case Variable::client_address:
      return x.facts ? std::string_view(x.facts->client_address) : std::string_view();
    case Variable::host:
      return x.request.host;
    case Variable::method:
      return x.request.method_text;
    case Variable::path:
      return x.request.asked();
    case Variable::request_id:
      return x.request_id;
    case Variable::scheme:
      return x.request.scheme;
  }
  return {};
}

void FieldEdits::apply(http::Fields& fields, http::Exchange& x) const {
  for (const Edit& edit : edits_) {
    std::string value;
    bool known = !edit.parts.empty();
    for (const Part& part : edit.parts) {
      const std::string_view said = value_of(part.variable, x);
      known = known && (part.variable == Variable::none || !said.empty());
      value.append(part.text).append(said);
    }
    if (known)
      fields.set(x.arena.copy(edit.name), x.arena.copy(value));
    else
      fields.remove(edit.name);
  }
}

void ResponseEdits::edit(http::Exchange& x) const {
  http::Response& r = x.response;
  const auto touched = [&](const http::Field& f) { return edits_.names(f.name); };
  if (r.prepared && std::ranges::any_of(r.prepared->fields, touched)) {
    // What is prepared is shared by all answers: this one gets a list of its own.
    http::Fields own;
    for (const http::Field& f : r.prepared->fields) own.add(f.name, f.value);
    for (const http::Field& f : r.fields) own.add(f.name, f.value);
    r.fields = std::move(own);
    r.prepared = nullptr;
  }
  edits_.apply(r.fields, x);
}

}  // namespace sally::handler
