# What every target is compiled and linked with.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Standard names of the build types are kept, their flags are ours. Debug uses -O1: without it a loop over
# coroutines that complete at once grows the stack.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")

find_program(SALLY_CCACHE ccache)
if(SALLY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The build folder's path is kept out of the hash, so that two build folders share results.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 ${SALLY_CCACHE})
endif()

add_library(sally_flags INTERFACE)
target_compile_options(sally_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -fno-omit-frame-pointer
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
target_compile_definitions(sally_flags INTERFACE _GLIBCXX_ASSERTIONS)
# Other libraries bring OpenSSL as a shared library; AWS-LC's symbols of the same names stay inside.
# Not with clang's sanitizers: they are a static library, whose operator new must be seen by libstdc++.
if(NOT SALLY_FUZZ)
  target_link_options(sally_flags INTERFACE -Wl,--exclude-libs,ALL)
endif()

# GCC 12 sees copies of impossible sizes in inlined string code at -O3 and with link-time optimisation (GCC 105329 and
# its kin): these stay warnings.
if(SALLY_WERROR)
  target_compile_options(sally_flags INTERFACE -Werror -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=array-bounds -Wno-error=restrict)
endif()

if(SALLY_SANITIZE)
  # -g1: reports need names and lines; whole debug information takes a third of the build's time.
  target_compile_options(sally_flags INTERFACE -fsanitize=${SALLY_SANITIZE} -fno-sanitize-recover=all -g1)
  target_link_options(sally_flags INTERFACE -fsanitize=${SALLY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC reports variables of its own instrumentation.
    target_compile_options(sally_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(SALLY_FUZZ)
  target_compile_options(sally_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT SALLY_LTO LANGUAGES CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${SALLY_LTO})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # auto: link with every core
    set(CMAKE_CXX_COMPILE_OPTIONS_IPO -flto=auto -fno-fat-lto-objects)
    set(CMAKE_CXX_LINK_OPTIONS_IPO -flto=auto)
  endif()
  target_compile_options(sally_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(sally_flags INTERFACE -fcf-protection)
  endif()
  target_link_options(sally_flags INTERFACE -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()
