// What a GPU has no instruction for does not reach the code generator.
// RUN: advx-opt %s --pass-pipeline='builtin.module(gpu.module(advx-verify-nvvm))' --split-input-file --verify-diagnostics

gpu.module @kernels {
  llvm.func @erf(f64) -> f64
  llvm.func @library(%x: f64) -> f64 {
    // expected-error @below {{internal: no GPU form of llvm.call}}
    %r = llvm.call @erf(%x) : (f64) -> f64
    llvm.return %r : f64
  }
}

// -----

gpu.module @kernels {
  llvm.func @exponential(%x: f64) -> f64 {
    // expected-error @below {{internal: no GPU form of llvm.intr.exp}}
    %r = llvm.intr.exp(%x) : (f64) -> f64
    llvm.return %r : f64
  }
}

// -----

gpu.module @kernels {
  llvm.func @logarithm(%x: f32) -> f32 {
    // expected-error @below {{internal: no GPU form of llvm.intr.log}}
    %r = llvm.intr.log(%x) : (f32) -> f32
    llvm.return %r : f32
  }
}

// -----

gpu.module @kernels {
  llvm.func @power(%x: f64) -> f64 {
    // expected-error @below {{internal: no GPU form of llvm.intr.pow}}
    %r = llvm.intr.pow(%x, %x) : (f64, f64) -> f64
    llvm.return %r : f64
  }
}

// -----

gpu.module @kernels {
  llvm.func @sine(%x: f32) -> f32 {
    // expected-error @below {{internal: no GPU form of llvm.intr.sin}}
    %r = llvm.intr.sin(%x) : (f32) -> f32
    llvm.return %r : f32
  }
}

// -----

gpu.module @kernels {
  llvm.func @cosine(%x: f32) -> f32 {
    // expected-error @below {{internal: no GPU form of llvm.intr.cos}}
    %r = llvm.intr.cos(%x) : (f32) -> f32
    llvm.return %r : f32
  }
}

// -----

// The NVVM and LLVM dialects have the rest.
gpu.module @kernels {
  llvm.func @root(%x: f64) -> f64 {
    %s = llvm.intr.sqrt(%x) : (f64) -> f64
    %r = llvm.intr.fma(%s, %s, %x) : (f64, f64, f64) -> f64
    llvm.return %r : f64
  }
}

// -----

gpu.module @kernels {
  llvm.func @left(%x: f32) -> f32 {
    // expected-error @below {{internal: is left after the GPU kernels were lowered}}
    %r = arith.addf %x, %x : f32
    llvm.return %r : f32
  }
}
