//===- AdvxOps.td - Every op of the dialect ---------------------------------===//
//
// One file a family. A new family is one include here and, if it has C++, a .cpp
// file in this folder; CMake finds both.
//
//===------------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_ADVXOPS_TD
#define ADVX_DIALECT_IR_ADVXOPS_TD

// Tensor tier.
include "dialect/IR/ElementwiseOps.td"
include "dialect/IR/ConstantOps.td"
include "dialect/IR/ShapeOps.td"
include "dialect/IR/ReductionOps.td"
include "dialect/IR/LinearOps.td"
include "dialect/IR/PoolingOps.td"
include "dialect/IR/RandomOps.td"
include "dialect/IR/ExampleOps.td"
include "dialect/IR/CompositeOps.td"
include "dialect/IR/OrderOps.td"
include "dialect/IR/GradientOps.td"

// Partitioned.
include "dialect/IR/ClusterOps.td"

// Host program.
include "dialect/IR/HostOps.td"

// What the runtime is told.
include "dialect/IR/ManifestOps.td"

// Problem tier.
include "dialect/IR/ProblemOps.td"

#endif // ADVX_DIALECT_IR_ADVXOPS_TD
