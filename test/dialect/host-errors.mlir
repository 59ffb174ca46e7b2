// RUN: advx-opt %s --split-input-file --verify-diagnostics

func.func @no_loop(%done: tensor<?xi1>) {
  // expected-error @+1 {{'advx.end_loop' op ends the loop around it, but stands in none}}
  advx.end_loop %done : tensor<?xi1>
  return
}
