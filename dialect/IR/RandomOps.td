//===- RandomOps.td - Draws are functions of a key --------------------------===//

#ifndef ADVX_DIALECT_IR_RANDOMOPS_TD
#define ADVX_DIALECT_IR_RANDOMOPS_TD

include "dialect/IR/AdvxBase.td"

/// A draw is a function of the run's key, the stream's name, the example's index
/// and the counters of the enclosing loops, so it is pure, and a draw that does
/// not read a loop's counter may leave the loop. A draw that is `held` is the same in every
/// replay of a batch. `parameters` are the numbers of the distribution, if it has some.
class Advx_RandomOp<string mnemonic, dag parameters = (ins), string parametersFormat = "">
    : Advx_TensorOp<mnemonic, [Advx_RuntimeAttributes]> {
  let arguments = !con((ins Advx_IntTensor:$index, Variadic<Index>:$counters), parameters,
                       (ins StrAttr:$stream, DenseI64ArrayAttr:$shape,
                            TypeAttrOf<Advx_FloatElement>:$elementType, UnitAttr:$held));
  let results = (outs Advx_FloatTensor:$result);
  let assemblyFormat = "$index `[` $counters `]`" # parametersFormat # [{
    `stream` $stream `shape` $shape `of` $elementType (`held` $held^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> location, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::mlir::advx::inferRandom({getOperationName(), location},
                                       adaptor.getIndex().getType(), adaptor.getShape(),
                                       adaptor.getElementType(), types);
    }
    void $cppClass::runtimeAttributes(::llvm::SmallVectorImpl<int64_t> &attributes) {
      attributes.push_back(static_cast<int64_t>(::mlir::advx::streamHash(getStream())));
      attributes.push_back(static_cast<int64_t>(getCounters().size()));
      if (getHeld())
        attributes.push_back(1);
    }
  }];
}

def Advx_RandomUniformOp : Advx_RandomOp<"random_uniform"> {
  let summary = "Uniform numbers in [0, 1)";
  let description = [{
    `index` names the example; with one draw for the whole batch it has no batch
    axis. `shape` is the per-example shape of the result.

    Runtime attributes: 64-bit FNV-1a hash of the stream's name, number of counters, and 1
    where it is held.

    ```mlir
    %r = advx.random_uniform %index[%k] stream "start" shape [1, 28, 28] of f32 : (tensor<?xi64>, index) -> tensor<?x1x28x28xf32>
    ```
  }];
}

def Advx_RandomNormalOp : Advx_RandomOp<"random_normal"> {
  let summary = "Numbers of the standard normal distribution";
  let description = [{
    Operands, attributes and runtime attributes as of `random_uniform`.

    ```mlir
    %r = advx.random_normal %index[] stream "noise" shape [] of f64 : (tensor<?xi64>) -> tensor<?xf64>
    ```
  }];
}

def Advx_RandomBetaOp
    : Advx_RandomOp<"random_beta", (ins F64:$a, F64:$b), "`(` $a `,` $b `)`"> {
  let summary = "Numbers of the beta distribution with the shapes a and b";
  let description = [{
    Index, counters, attributes and runtime attributes as of `random_uniform`. A shape that
    is not above 0 gives NaN.

    ```mlir
    %r = advx.random_beta %index[] (%a, %b) stream "lambda" shape [] of f32 : (tensor<i64>, f64, f64) -> tensor<f32>
    ```
  }];
}

#endif // ADVX_DIALECT_IR_RANDOMOPS_TD
