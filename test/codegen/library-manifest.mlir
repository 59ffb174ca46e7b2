// RUN: advx-opt %s --advx-assign-providers --advx-partitioned-to-host | FileCheck %s
// RUN: advx-opt %s --advx-partitioned-to-host | FileCheck %s --check-prefix=NONE

// The manifest counts the places where a library computes an op, over all steps.
// CHECK: \22library\22:[{\22algorithm\22:\22sgemm\22,\22op\22:\22matvec\22,\22provider\22:\22onednn\22,\22sites\22:3}]
// NONE-NOT: \22library\22
func.func @one(%w: tensor<2x2xf32> {advx.input = "w"}, %x: tensor<?x2xf32> {advx.input = "x"}) -> (tensor<?x2xf32> {advx.output = "y"}) attributes {advx.step} {
  %a = advx.matvec %w, %x : (tensor<2x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %b = advx.matvec %w, %a : (tensor<2x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %b : tensor<?x2xf32>
}

func.func @two(%w: tensor<2x2xf32> {advx.input = "w"}, %x: tensor<?x2xf32> {advx.input = "x"}) -> (tensor<?x2xf32> {advx.output = "y"}) attributes {advx.step} {
  %a = advx.matvec %w, %x transpose : (tensor<2x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %a : tensor<?x2xf32>
}
