// Loops that a kernel of many repeats become calls of one function.
// RUN: advx-opt %s --advx-share-loops=most-loops=1 | FileCheck %s
// Unless told otherwise, only kernels of more loops than these call anything.
// RUN: advx-opt %s --advx-share-loops | FileCheck %s --check-prefix=FEW
// FEW-NOT: llvm.call

// Two loops on other buffers are one function; constants are part of it.
// CHECK-LABEL: llvm.func @repeats(
// CHECK-NOT:     scf.for
// CHECK:         llvm.call @kernel.loop.0({{%.*}}, %arg1) : (i64, !llvm.ptr) -> ()
// CHECK-NEXT:    llvm.call @kernel.loop.0({{%.*}}, %arg2) : (i64, !llvm.ptr) -> ()
// CHECK-NEXT:    llvm.return
llvm.func @repeats(%n: i64, %a: !llvm.ptr, %b: !llvm.ptr) attributes {advx.kernel_part} {
  %zero = arith.constant 0 : i64
  %step = arith.constant 1 : i64
  %half = arith.constant 0.5 : f32
  %twice = arith.addi %n, %n : i64
  scf.for %i = %zero to %twice step %step : i64 {
    %p = llvm.getelementptr %a[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %half, %p : f32, !llvm.ptr
  }
  scf.for %i = %zero to %twice step %step : i64 {
    %p = llvm.getelementptr %b[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %half, %p : f32, !llvm.ptr
  }
  llvm.return
}

// Another constant, or one buffer in place of two, is another loop.
// CHECK-LABEL: llvm.func @differs(
// CHECK-COUNT-4: scf.for
// CHECK-NOT:     llvm.call
// CHECK:         llvm.return
llvm.func @differs(%n: i64, %a: !llvm.ptr, %b: !llvm.ptr) attributes {advx.kernel_part} {
  %zero = arith.constant 0 : i64
  %step = arith.constant 1 : i64
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  scf.for %i = %zero to %n step %step : i64 {
    llvm.store %one, %a : f32, !llvm.ptr
  }
  scf.for %i = %zero to %n step %step : i64 {
    llvm.store %two, %a : f32, !llvm.ptr
  }
  scf.for %i = %zero to %n step %step : i64 {
    %x = llvm.load %a : !llvm.ptr -> f32
    llvm.store %x, %a : f32, !llvm.ptr
  }
  scf.for %i = %zero to %n step %step : i64 {
    %x = llvm.load %a : !llvm.ptr -> f32
    llvm.store %x, %b : f32, !llvm.ptr
  }
  llvm.return
}

// What a loop carries stays in registers: the loop around it is shared, with it.
// CHECK-LABEL: llvm.func @carries(
// CHECK-NEXT:    scf.for
// CHECK-NEXT:      llvm.call @kernel.loop.1(%arg0, %arg1, %arg3) : (i64, i64, !llvm.ptr) -> ()
// CHECK-NEXT:      llvm.call @kernel.loop.1(%arg0, %arg1, %arg4) : (i64, i64, !llvm.ptr) -> ()
// CHECK-NEXT:    }
// CHECK-NEXT:    scf.for {{.*}} iter_args
// CHECK:         scf.for {{.*}} iter_args
// CHECK:         llvm.return
llvm.func @carries(%zero: i64, %n: i64, %one: f32, %a: !llvm.ptr, %b: !llvm.ptr)
    attributes {advx.kernel_part} {
  scf.for %k = %zero to %n step %n : i64 {
    scf.for %i = %zero to %n step %n : i64 {
      %x = llvm.load %a : !llvm.ptr -> f32
      %sum = scf.for %j = %zero to %n step %n iter_args(%s = %x) -> (f32) : i64 {
        %t = arith.addf %s, %s : f32
        scf.yield %t : f32
      }
      llvm.store %sum, %a : f32, !llvm.ptr
    }
    scf.for %i = %zero to %n step %n : i64 {
      %x = llvm.load %b : !llvm.ptr -> f32
      %sum = scf.for %j = %zero to %n step %n iter_args(%s = %x) -> (f32) : i64 {
        %t = arith.addf %s, %s : f32
        scf.yield %t : f32
      }
      llvm.store %sum, %b : f32, !llvm.ptr
    }
  }
  %first = scf.for %j = %zero to %n step %n iter_args(%s = %one) -> (f32) : i64 {
    %t = arith.addf %s, %s : f32
    scf.yield %t : f32
  }
  %second = scf.for %j = %zero to %n step %n iter_args(%s = %first) -> (f32) : i64 {
    %t = arith.addf %s, %s : f32
    scf.yield %t : f32
  }
  llvm.store %second, %a : f32, !llvm.ptr
  llvm.return
}

// One kernel's loops are those of another too, but this has only one.
// CHECK-LABEL: llvm.func @short(
// CHECK:         scf.for
// CHECK-NOT:     llvm.call
// CHECK:         llvm.return
llvm.func @short(%n: i64, %a: !llvm.ptr, %b: !llvm.ptr) attributes {advx.kernel_part} {
  %zero = arith.constant 0 : i64
  %step = arith.constant 1 : i64
  %half = arith.constant 0.5 : f32
  scf.for %i = %zero to %n step %step : i64 {
    %p = llvm.getelementptr %a[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    llvm.store %half, %p : f32, !llvm.ptr
  }
  llvm.return
}

// Functions that are no kernels are none of this pass's business.
// CHECK-LABEL: llvm.func @host(
// CHECK-COUNT-2: scf.for
// CHECK-NOT:     llvm.call
// CHECK:         llvm.return
llvm.func @host(%zero: i64, %n: i64, %one: f32, %a: !llvm.ptr) {
  scf.for %i = %zero to %n step %n : i64 {
    llvm.store %one, %a : f32, !llvm.ptr
  }
  scf.for %i = %zero to %n step %n : i64 {
    llvm.store %one, %a : f32, !llvm.ptr
  }
  llvm.return
}

// CHECK-LABEL: llvm.func @kernel.loop.0(
// CHECK-SAME:    %[[END:.*]]: i64, %[[OUT:.*]]: !llvm.ptr) attributes {advx.kernel_part, passthrough = ["noinline"]}
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0 : i64
// CHECK-DAG:     %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK:         scf.for %[[I:.*]] = %[[ZERO]] to %[[END]]
// CHECK:           %[[P:.*]] = llvm.getelementptr %[[OUT]][%[[I]]]
// CHECK:           llvm.store %[[HALF]], %[[P]]
// CHECK:         llvm.return
// CHECK-LABEL: llvm.func @kernel.loop.1(
// CHECK:         scf.for
// CHECK:           scf.for {{.*}} iter_args
