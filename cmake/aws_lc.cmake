# Finds AWS-LC and makes the targets AWS::ssl and AWS::crypto. In this order:
#   1. the prefix in the environment variable SALLYPORT_AWS_LC (include/, lib/)
#   2. CMake's usual package search
#   3. the cache that tools/fetch_aws_lc fills

function(sally_aws_lc_at prefix)
  if(NOT EXISTS "${prefix}/include/openssl/base.h" OR NOT EXISTS "${prefix}/lib/libssl.a")
    message(FATAL_ERROR "no AWS-LC in ${prefix}: include/openssl/base.h and lib/libssl.a are wanted")
  endif()
  file(STRINGS "${prefix}/include/openssl/base.h" is_aws_lc REGEX "define OPENSSL_IS_AWSLC")
  if(NOT is_aws_lc)
    message(FATAL_ERROR "${prefix} holds another OpenSSL; AWS-LC is wanted")
  endif()
  foreach(part crypto ssl)
    add_library(AWS::${part} STATIC IMPORTED GLOBAL)
    set_target_properties(AWS::${part} PROPERTIES
      IMPORTED_LOCATION "${prefix}/lib/lib${part}.a"
      INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include")
  endforeach()
  target_link_libraries(AWS::crypto INTERFACE Threads::Threads)
  target_link_libraries(AWS::ssl INTERFACE AWS::crypto)
  message(STATUS "AWS-LC: ${prefix}")
endfunction()

if(DEFINED ENV{SALLYPORT_AWS_LC})
  sally_aws_lc_at("$ENV{SALLYPORT_AWS_LC}")
else()
  find_package(crypto CONFIG QUIET)
  find_package(ssl CONFIG QUIET)
  if(NOT TARGET AWS::ssl)
    execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch_aws_lc" --where
      OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT prefix)
      message(FATAL_ERROR "AWS-LC is not built yet: run ./dev build, or tools/fetch_aws_lc")
    endif()
    sally_aws_lc_at("${prefix}")
  endif()
endif()
