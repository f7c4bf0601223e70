#include "handler/representation.h"

#include <fmt/format.h>

#include "crypto/digest.h"
#include "handler/accept_encoding.h"
#include "http/date.h"

namespace sally::handler {
namespace {

/// Collects lines, then makes the list of views into the text that holds them.
class FieldsMaker {
 public:
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    http1_ += name;
    http1_ += ": ";
    lengths_.push_back({name.size(), value.size()});
    http1_ += value;
    http1_ += "\r\n";
  }
  /// The result must be where it stays: its views point into itself.
  void finish(http::PreparedFields& out) {
    out.http1 = std::move(http1_);
    std::string_view rest = out.http1;
    for (const auto& [name, value] : lengths_) {
      out.fields.add(rest.substr(0, name), rest.substr(name + 2, value));
      rest.remove_prefix(name + value + 4);
    }
  }

 private:
  std::string http1_;
  std::vector<std::pair<std::size_t, std::size_t>> lengths_;
};

void prepare(Representation& r, bool length_known) {
  const Description& d = r.described;
  r.last_modified = http::format_date(d.modified);
  FieldsMaker maker;
  maker.add("content-type", d.type);
  if (length_known) maker.add("content-length", std::to_string(r.size));
  if (d.coding) maker.add("content-encoding", coding_name(*d.coding));
  maker.add("etag", d.etag);
  maker.add("last-modified", r.last_modified);
  if (!d.coding) maker.add("accept-ranges", "bytes");
  if (d.varies) maker.add("vary", "accept-encoding");
  maker.add("cache-control", d.cache_control);
  maker.finish(r.whole);
}

}  // namespace

std::shared_ptr<const Representation> make_representation(Description described, std::string bytes) {
  auto r = std::make_shared<Representation>();
  r->described = std::move(described);
  r->bytes = std::move(bytes);
  r->size = r->bytes.size();
  prepare(*r, true);
  return r;
}

std::shared_ptr<const Representation> make_representation(Description described,
                                                          std::shared_ptr<const Fd> file, std::uint64_t size,
                                                          bool made_while_sent) {
  auto r = std::make_shared<Representation>();
  r->described = std::move(described);
  r->file = std::move(file);
  r->size = size;
  r->made_while_sent = made_while_sent;
  prepare(*r, !made_while_sent);
  return r;
}

std::string etag_of_content(std::string_view bytes) {
  constexpr std::size_t kOctets = 12;
  const crypto::Sha256 digest = crypto::sha256(bytes);
  return '"' + crypto::hex(Bytes(digest).first(kOctets)) + '"';
}

std::string etag_of_stamp(const FileStamp& stamp) {
  return fmt::format("\"{:x}-{:x}-{:x}\"", stamp.inode, stamp.size, stamp.modified_ns);
}

std::string etag_in_coding(std::string_view etag, Coding coding) {
  std::string out(etag.substr(0, etag.size() - 1));
  out += '-';
  out += coding_name(coding);
  out += '"';
  return out;
}

}  // namespace sally::handler
