#ifndef ADVX_COMPILER_CODEGEN_KERNELS_INDEX_H
#define ADVX_COMPILER_CODEGEN_KERNELS_INDEX_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

/// Where an element is, for all lanes of a vector at once.
namespace advx::codegen {

/// A number for each lane: constant + scalar + step * lane, or, where `lanes` is set, one
/// that follows no rule, to which the constant and the scalar are added.
struct Coordinate {
  int64_t constant = 0;
  mlir::Value scalar; ///< i64, or null
  int64_t step = 0;
  mlir::Value lanes; ///< vector of i64, or null

  /// The same for every lane.
  bool uniform() const { return !step && !lanes; }
  bool isConstant() const { return uniform() && !scalar; }
};

/// One place of a mixed-radix number: `at` lies in 0 … extent - 1.
struct Digit {
  Coordinate at;
  int64_t extent = 1;
};

/// The index of an element: the example, and a mixed-radix number, most significant digit
/// first, whose value is the row-major place in the example. The digits need not be the
/// axes of the tensor: reshaping changes nothing. In a `merged` index the one digit counts
/// from the first element of the batch, and `row` means nothing. Where `flat` is set, it is
/// the place counted so, beside row and digits: a run of lanes may then cross rows.
struct Index {
  Coordinate row;
  llvm::SmallVector<Digit, 4> digits;
  bool merged = false;
  std::optional<Coordinate> flat;
};

/// Arithmetic on coordinates; emits at the builder's place.
class IndexMath {
public:
  /// With one lane the values for a lane are scalars.
  IndexMath(mlir::OpBuilder &builder, mlir::Location loc, int64_t lanes)
      : builder(builder), loc(loc), lanes(lanes) {}

  Coordinate add(const Coordinate &a, const Coordinate &b);
  Coordinate scale(const Coordinate &a, int64_t factor);
  Coordinate divide(const Coordinate &a, int64_t divisor);
  Coordinate remainder(const Coordinate &a, int64_t divisor);

  /// The row-major place that digits name.
  Coordinate linear(llvm::ArrayRef<Digit> digits);

  /// The digits of each axis of a shape with as many elements.
  llvm::SmallVector<llvm::SmallVector<Digit, 2>> regroup(llvm::ArrayRef<Digit> digits,
                                                         llvm::ArrayRef<int64_t> shape);

  mlir::Value constant(int64_t value);
  /// i64; the coordinate is uniform.
  mlir::Value asScalar(const Coordinate &a);
  /// A vector of i64.
  mlir::Value asLanes(const Coordinate &a);
  /// The lower bound of `a` for lane 0: constant + scalar, as i64.
  mlir::Value start(const Coordinate &a);

private:
  mlir::Value broadcast(mlir::Value scalar);
  mlir::Value vectorConstant(llvm::function_ref<int64_t(int64_t)> of);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  int64_t lanes;
};

} // namespace advx::codegen

#endif
