#include "handler/file_answer.h"

#include <string>

#include "handler/accept_encoding.h"
#include "handler/byte_ranges.h"
#include "handler/compressed_body.h"
#include "handler/error_page.h"
#include "handler/file_body.h"
#include "handler/multipart_body.h"
#include "handler/preconditions.h"

namespace sally::handler {
namespace {

using Form = std::shared_ptr<const Representation>;

http::Body whole_body(FileCache& cache, const Form& form) {
  if (form->in_memory()) return http::Body::memory(as_bytes(std::string_view(form->bytes)), form);
  if (form->made_while_sent)
    return http::Body::from(std::make_unique<CompressedBody>(cache.loop(), form, cache.compressing()),
                            std::nullopt);
  return http::Body::from(std::make_unique<FileBody>(cache.loop(), cache.chunks(), form, 0, form->size),
                          form->size);
}

/// What RFC 9110 15.4.5 wants of a 304 and 15.3.7 of a 206.
void add_common_fields(http::Exchange& x, const Form& form) {
  const Description& d = form->described;
  http::Fields& fields = x.response.fields;
  x.response.keep = form;
  fields.add("etag", d.etag);
  fields.add("last-modified", form->last_modified);
  if (d.varies) fields.add("vary", "accept-encoding");
  if (!d.cache_control.empty()) fields.add("cache-control", d.cache_control);
}

void answer_not_modified(http::Exchange& x, const Form& form) {
  x.response.status = 304;
  add_common_fields(x, form);
  x.respond();
}

void answer_part(http::Exchange& x, FileCache& cache, const Form& form, ByteRange part) {
  x.response.status = 206;
  add_common_fields(x, form);
  x.response.fields.add("content-type", form->described.type);
  x.response.fields.add("content-range", x.arena.copy(content_range(part, form->size)));
  if (form->in_memory()) {
    const std::string_view bytes = std::string_view(form->bytes).substr(part.first, part.length());
    x.response.body = http::Body::memory(as_bytes(bytes), form);
  } else {
    x.response.body = http::Body::from(
        std::make_unique<FileBody>(cache.loop(), cache.chunks(), form, part.first, part.length()),
        part.length());
  }
  x.respond();
}

void answer_parts(http::Exchange& x, FileCache& cache, const Form& form,
                  const std::vector<ByteRange>& parts) {
  auto body = std::make_unique<MultipartBody>(cache.loop(), cache.chunks(), form, parts);
  x.response.status = 206;
  add_common_fields(x, form);
  x.response.fields.add("content-type", x.arena.copy(body->content_type()));
  const std::uint64_t length = body->length();
  x.response.body = http::Body::from(std::move(body), length);
  x.respond();
}

/// True: it was answered in parts.
bool answer_ranges(http::Exchange& x, FileCache& cache, const Form& form, std::uint32_t most) {
  const auto value = x.request.fields.first("range");
  if (!value || x.request.method != http::Method::get || form->described.coding) return false;
  if (x.request.fields.count("range") != 1) return false;
  const Validators validators{form->described.etag, form->described.modified};
  if (!range_is_current(x.request.fields, validators, cache.loop().unix_now())) return false;
  const RangeRequest wanted = parse_ranges(*value, form->size, most);
  if (wanted.kind == RangeRequest::Kind::whole) return false;
  if (wanted.kind == RangeRequest::Kind::unsatisfiable) {
    x.response.fields.add("content-range", x.arena.copy(unsatisfied_range(form->size)));
    respond_with_error(x, 416);
  } else if (wanted.parts.size() == 1) {
    answer_part(x, cache, form, wanted.parts.front());
  } else {
    answer_parts(x, cache, form, wanted.parts);
  }
  return true;
}

}  // namespace

bool is_conditional(const http::Fields& fields) {
  for (const http::Field& f : fields) {
    if (f.name.size() < 5 || (f.name[0] != 'i' && f.name[0] != 'r')) continue;
    if (f.name == "range" || f.name.starts_with("if-")) return true;
  }
  return false;
}

void answer_whole(http::Exchange& x, FileCache& cache, const Form& form) {
  x.response.status = 200;
  x.response.prepared = &form->whole;
  x.response.keep = form;
  x.response.body = whole_body(cache, form);
  x.respond();
}

void answer_file(http::Exchange& x, FileCache& cache, const Form& form, std::uint32_t most_ranges) {
  const Validators validators{form->described.etag, form->described.modified};
  switch (check_preconditions(x.request.fields, validators)) {
    case Precondition::not_modified:
      return answer_not_modified(x, form);
    case Precondition::failed:
      return respond_with_error(x, 412);
    case Precondition::holds:
      break;
  }
  if (!answer_ranges(x, cache, form, most_ranges)) answer_whole(x, cache, form);
}

void answer_with_page(http::Exchange& x, FileCache& cache, int status, const Form& form) {
  const Description& d = form->described;
  x.response.status = status;
  x.response.keep = form;
  http::Fields& fields = x.response.fields;
  fields.set("content-type", d.type);
  if (d.coding) fields.set("content-encoding", coding_name(*d.coding));
  if (d.varies) fields.set("vary", "accept-encoding");
  fields.set("cache-control", "no-store");
  x.response.body = whole_body(cache, form);
  x.respond();
}

}  // namespace sally::handler
