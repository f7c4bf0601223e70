#include "handler/media_type.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace sally::handler {
namespace {

struct Row {
  std::string_view extension, type;
};

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";  // RFC 9239

// Sorted. Names of the IANA registry, or what browsers agree on.
constexpr std::array kRows = {
    Row{"3gp", "video/3gpp"},
    Row{"7z", "application/x-7z-compressed"},
    Row{"aac", "audio/aac"},
    Row{"ai", "application/postscript"},
    Row{"apk", "application/vnd.android.package-archive"},
    Row{"apng", "image/apng"},
    Row{"asc", kText},
    Row{"atom", "application/atom+xml; charset=utf-8"},
    Row{"avi", "video/x-msvideo"},
    Row{"avif", "image/avif"},
    Row{"bmp", "image/bmp"},
    Row{"bz2", "application/x-bzip2"},
    Row{"c", kText},
    Row{"cbor", "application/cbor"},
    Row{"cer", "application/pkix-cert"},
    Row{"cjs", kScript},
    Row{"conf", kText},
    Row{"cpp", kText},
    Row{"crl", "application/pkix-crl"},
    Row{"crt", "application/x-x509-ca-cert"},
    Row{"css", "text/css; charset=utf-8"},
    Row{"csv", "text/csv; charset=utf-8"},
    Row{"deb", "application/vnd.debian.binary-package"},
    Row{"der", "application/x-x509-ca-cert"},
    Row{"diff", kText},
    Row{"dmg", "application/x-apple-diskimage"},
    Row{"doc", "application/msword"},
    Row{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    Row{"eot", "application/vnd.ms-fontobject"},
    Row{"epub", "application/epub+zip"},
    Row{"flac", "audio/flac"},
    Row{"geojson", "application/geo+json"},
    Row{"gif", "image/gif"},
    Row{"glb", "model/gltf-binary"},
    Row{"gltf", "model/gltf+json"},
    Row{"gpx", "application/gpx+xml; charset=utf-8"},
    Row{"gz", "application/gzip"},
    Row{"h", kText},
    Row{"heic", "image/heic"},
    Row{"heif", "image/heif"},
    Row{"htm", "text/html; charset=utf-8"},
    Row{"html", "text/html; charset=utf-8"},
    Row{"ico", "image/vnd.microsoft.icon"},
    Row{"ics", "text/calendar; charset=utf-8"},
    Row{"ini", kText},
    Row{"iso", "application/x-iso9660-image"},
    Row{"jar", "application/java-archive"},
    Row{"jpeg", "image/jpeg"},
    Row{"jpg", "image/jpeg"},
    Row{"js", kScript},
    Row{"json", "application/json"},
    Row{"jsonl", "application/jsonl; charset=utf-8"},
    Row{"jsonld", "application/ld+json"},
    Row{"jxl", "image/jxl"},
    Row{"kml", "application/vnd.google-earth.kml+xml"},
    Row{"log", kText},
    Row{"m3u8", "application/vnd.apple.mpegurl"},
    Row{"m4a", "audio/mp4"},
    Row{"m4v", "video/mp4"},
    Row{"map", "application/json"},
    Row{"markdown", "text/markdown; charset=utf-8"},
    Row{"md", "text/markdown; charset=utf-8"},
    Row{"mid", "audio/midi"},
    Row{"mjs", kScript},
    Row{"mkv", "video/matroska"},
    Row{"mov", "video/quicktime"},
    Row{"mp3", "audio/mpeg"},
    Row{"mp4", "video/mp4"},
    Row{"mpd", "application/dash+xml"},
    Row{"mpeg", "video/mpeg"},
    Row{"mpg", "video/mpeg"},
    Row{"odp", "application/vnd.oasis.opendocument.presentation"},
    Row{"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    Row{"odt", "application/vnd.oasis.opendocument.text"},
    Row{"oga", "audio/ogg"},
    Row{"ogg", "audio/ogg"},
    Row{"ogv", "video/ogg"},
    Row{"opus", "audio/ogg"},
    Row{"otf", "font/otf"},
    Row{"p7b", "application/x-pkcs7-certificates"},
    Row{"parquet", "application/vnd.apache.parquet"},
    Row{"patch", kText},
    Row{"pdf", "application/pdf"},
    Row{"pem", "application/x-pem-file"},
    Row{"png", "image/png"},
    Row{"ppt", "application/vnd.ms-powerpoint"},
    Row{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    Row{"ps", "application/postscript"},
    Row{"rar", "application/vnd.rar"},
    Row{"rpm", "application/x-rpm"},
    Row{"rss", "application/rss+xml; charset=utf-8"},
    Row{"rtf", "application/rtf"},
    Row{"sh", "application/x-sh"},
    Row{"sql", "application/sql"},
    Row{"srt", "application/x-subrip"},
    Row{"svg", "image/svg+xml"},
    Row{"tar", "application/x-tar"},
    Row{"tgz", "application/gzip"},
    Row{"tif", "image/tiff"},
    Row{"tiff", "image/tiff"},
    Row{"toml", "application/toml"},
    Row{"ts", "video/mp2t"},
    Row{"tsv", "text/tab-separated-values; charset=utf-8"},
    Row{"ttf", "font/ttf"},
    Row{"txt", kText},
    Row{"vcf", "text/vcard; charset=utf-8"},
    Row{"vtt", "text/vtt; charset=utf-8"},
    Row{"wasm", "application/wasm"},
    Row{"wav", "audio/wav"},
    Row{"weba", "audio/webm"},
    Row{"webm", "video/webm"},
    Row{"webmanifest", "application/manifest+json"},
    Row{"webp", "image/webp"},
    Row{"woff", "font/woff"},
    Row{"woff2", "font/woff2"},
    Row{"xhtml", "application/xhtml+xml; charset=utf-8"},
    Row{"xls", "application/vnd.ms-excel"},
    Row{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    Row{"xml", "application/xml"},
    Row{"xsl", "application/xslt+xml"},
    Row{"xz", "application/x-xz"},
    Row{"yaml", "application/yaml"},
    Row{"yml", "application/yaml"},
    Row{"zip", "application/zip"},
    Row{"zst", "application/zstd"},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::extension));

constexpr std::size_t kLongestExtension = 64;

constexpr std::array<std::string_view, 21> kCompressible = {
    "application/cbor",
    "application/dash+xml",
    "application/gpx+xml",
    "application/javascript",
    "application/json",
    "application/jsonl",
    "application/postscript",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/vnd.apple.mpegurl",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-pem-file",
    "application/x-sh",
    "application/xml",
    "application/yaml",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
};
static_assert(std::ranges::is_sorted(kCompressible));

}  // namespace

std::string_view media_type(std::string_view file_name, const std::map<std::string, std::string>& more) {
  constexpr std::string_view kUnknown = "application/octet-stream";
  file_name.remove_prefix(file_name.rfind('/') + 1);
  const std::size_t dot = file_name.rfind('.');
  if (dot == file_name.npos || file_name.size() - dot > kLongestExtension) return kUnknown;
  const std::string extension = ascii_lower(file_name.substr(dot + 1));
  if (const auto it = more.find(extension); it != more.end()) return it->second;
  const auto it = std::ranges::lower_bound(kRows, std::string_view(extension), {}, &Row::extension);
  return it != kRows.end() && it->extension == extension ? it->type : kUnknown;
}

bool is_compressible(std::string_view type) {
  const std::string essence = ascii_lower(trim(type.substr(0, type.find(';'))));
  if (essence.starts_with("text/") || essence.ends_with("+json") || essence.ends_with("+xml")) return true;
  return std::ranges::binary_search(kCompressible, std::string_view(essence));
}

}  // namespace sally::handler
