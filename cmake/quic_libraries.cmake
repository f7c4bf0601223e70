# Finds ngtcp2 and nghttp3 and makes the targets sally::ngtcp2 and sally::nghttp3. In this order:
#   1. the prefix in the environment variable SALLYPORT_QUIC (include/, lib/)
#   2. pkg-config
#   3. the cache that tools/fetch_quic fills

function(sally_quic_at prefix)
  foreach(name ngtcp2 nghttp3)
    if(NOT EXISTS "${prefix}/lib/lib${name}.a" OR NOT EXISTS "${prefix}/include/${name}/${name}.h")
      message(FATAL_ERROR "no ${name} in ${prefix}: include/${name}/${name}.h and lib/lib${name}.a are wanted")
    endif()
    add_library(sally::${name} STATIC IMPORTED GLOBAL)
    set_target_properties(sally::${name} PROPERTIES
      IMPORTED_LOCATION "${prefix}/lib/lib${name}.a"
      INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include")
  endforeach()
  message(STATUS "ngtcp2, nghttp3: ${prefix}")
endfunction()

if(DEFINED ENV{SALLYPORT_QUIC})
  sally_quic_at("$ENV{SALLYPORT_QUIC}")
else()
  pkg_check_modules(SALLY_PKG_ngtcp2 QUIET IMPORTED_TARGET GLOBAL libngtcp2>=1.11)
  pkg_check_modules(SALLY_PKG_nghttp3 QUIET IMPORTED_TARGET GLOBAL libnghttp3>=1.8)
  if(SALLY_PKG_ngtcp2_FOUND AND SALLY_PKG_nghttp3_FOUND)
    add_library(sally::ngtcp2 ALIAS PkgConfig::SALLY_PKG_ngtcp2)
    add_library(sally::nghttp3 ALIAS PkgConfig::SALLY_PKG_nghttp3)
  else()
    execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch_quic" --where
      OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT prefix)
      message(FATAL_ERROR "ngtcp2 and nghttp3 are not there yet: run ./dev build, or tools/fetch_quic")
    endif()
    sally_quic_at("${prefix}")
  endif()
endif()
