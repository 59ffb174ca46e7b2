# MLIR and LLVM 19 as Debian installs them: the two shared libraries, nothing else.

list(APPEND CMAKE_PREFIX_PATH /usr/lib/llvm-19)
find_package(MLIR 19.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
# Without this add_mlir_doc would write to /docs.
set(MLIR_BINARY_DIR ${CMAKE_BINARY_DIR})

# What a target that includes MLIR headers needs.
add_library(advx_mlir INTERFACE)
separate_arguments(advx_llvm_definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
target_compile_definitions(advx_mlir INTERFACE ${advx_llvm_definitions})
target_include_directories(advx_mlir SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
# GCC 12 takes the unused half of LLVM's small maps and sets for uninitialised.
target_compile_options(advx_mlir INTERFACE -fno-exceptions -Wno-maybe-uninitialized)
target_link_libraries(advx_mlir INTERFACE advx_options MLIR LLVM)
