# Flags and helpers that every target of the project shares.

# One cache serves every clone, and keeps what precompiled headers go into: the macros that ccache
# would look for in them are those of the compiler's flags, which it compares anyhow.
find_program(ADVX_CCACHE ccache)
if(ADVX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${ADVX_CCACHE})
endif()

find_program(ADVX_LLD NAMES ld.lld-19 ld.lld PATHS /usr/lib/llvm-19/bin)
if(ADVX_LLD)
  add_link_options(-B/usr/lib/llvm-19/bin -fuse-ld=lld)
endif()

add_library(advx_options INTERFACE)
target_compile_options(advx_options INTERFACE -Wall -Wextra -Wno-unused-parameter)
if(ADVX_WERROR)
  target_compile_options(advx_options INTERFACE -Werror)
endif()
# Headers are named from the top: "compiler/syntax/AST.h".
target_include_directories(advx_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})

if(ADVX_SANITIZE)
  add_compile_options(-fsanitize=${ADVX_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${ADVX_SANITIZE})
endif()
