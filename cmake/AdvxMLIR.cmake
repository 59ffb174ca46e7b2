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

# Reading MLIR's headers is most of what compiling a pass takes, so they are compiled once.
# Headers of our own are not among them: a change of an op must not cost this again.
file(WRITE ${CMAKE_BINARY_DIR}/advx_mlir_headers.cpp "")
add_library(advx_mlir_headers STATIC ${CMAKE_BINARY_DIR}/advx_mlir_headers.cpp)
target_link_libraries(advx_mlir_headers PUBLIC advx_mlir)
target_precompile_headers(advx_mlir_headers PRIVATE
  <mlir/Bytecode/BytecodeOpInterface.h>
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/IR/BuiltinOps.h>
  <mlir/IR/OpImplementation.h>
  <mlir/Interfaces/InferTypeOpInterface.h>
  <mlir/Interfaces/SideEffectInterfaces.h>
  <mlir/Pass/Pass.h>)

# For targets whose files mostly include them.
function(advx_precompile_mlir target)
  target_precompile_headers(${target} REUSE_FROM advx_mlir_headers)
endfunction()
