# The libraries that folders name in LIBRARIES. docs/dependencies.md says why each was chosen.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(GTest REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 2.1 REQUIRED)
include(aws_lc)

# sally_pkg(brotli libbrotlienc libbrotlidec): the pkg-config modules become the target sally::brotli.
function(sally_pkg name)
  pkg_check_modules(SALLY_PKG_${name} REQUIRED IMPORTED_TARGET GLOBAL ${ARGN})
  add_library(sally::${name} ALIAS PkgConfig::SALLY_PKG_${name})
endfunction()

sally_pkg(cares libcares>=1.18)
sally_pkg(nghttp2 libnghttp2>=1.52)
sally_pkg(brotli libbrotlienc libbrotlidec)
sally_pkg(brotlienc libbrotlienc)
sally_pkg(brotlidec libbrotlidec)
sally_pkg(zstd libzstd)
sally_pkg(cap libcap)
sally_pkg(systemd libsystemd)
sally_pkg(gumbo gumbo>=0.10)
include(quic_libraries)
