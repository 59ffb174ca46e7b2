//===- DataAttributes.h - What data sets have that not all have -----------===//
//
// Attributes of `advx.data` that say more of where the images are and what the
// classes are called, which the compiler hands to the runtime as they are; and what
// training makes of the examples.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_DIALECT_IR_DATAATTRIBUTES_H
#define ADVX_DIALECT_IR_DATAATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::advx {

/// A string: the archive that has the files where their folder has none.
inline constexpr llvm::StringLiteral kArchiveAttr = "advx.archive";
/// An integer above 0: the bytes of label that a record of a file begins with.
inline constexpr llvm::StringLiteral kLabelBytesAttr = "advx.label_bytes";
/// An array of strings: the names of the classes, in the order of the labels.
inline constexpr llvm::StringLiteral kClassNamesAttr = "advx.class_names";

/// On `advx.minimize`, symbols of functions: what each makes of the examples of training, (x, y) to
/// (x, y), before any problem sees them. Their draws stand below their names.
inline constexpr llvm::StringLiteral kAugmentAttr = "advx.augment";

} // namespace mlir::advx

#endif // ADVX_DIALECT_IR_DATAATTRIBUTES_H
