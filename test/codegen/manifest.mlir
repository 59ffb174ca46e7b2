// RUN: advx-opt --advx-partitioned-to-host %s > %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=STEPS < %t

// The manifest is printed once, from the program and the steps as they are planned.
// CHECK: @advx_manifest("{\22abi\22:
// CHECK-SAME: \22compiler\22:{\22cpu\22:\22x86-64-v3\22}
// CHECK-SAME: \22data\22:{\22batch\22:\22data.batch\22,\22classes\22:3,\22format\22:\22idx\22,\22image\22:[3],\22last\22:\22drop\22,\22name\22:\22points\22,\22range\22:[-1,1],\22test\22:[\22b\22],\22train\22:[\22a\22],\22valid\22:7}
// CHECK-SAME: \22doc\22:\22A page.\22,\22dtype\22:\22f32\22
// CHECK-SAME: \22attacks\22:[{\22kind\22:\22clean\22,\22name\22:\22clean\22,\22step\22:\22val.clean\22}
// CHECK-SAME: {\22in_worst\22:true,\22kind\22:\22adversary\22,\22membership\22:\22x in B\22,\22name\22:\22ce\22,\22report\22:{\22objective\22:\22ce(f(x'), y)\22,\22over\22:[],\22solver\22:[\22pgd(\22,{\22setting\22:\22steps\22,\22text\22:\2220\22},\22)\22]},\22step\22:\22val.ce\22}
// CHECK-SAME: {\22kind\22:\22worst\22,\22name\22:\22worst\22,\22of\22:[\22clean\22,\22ce\22]}]
// CHECK-SAME: \22count\22:\22val.count\22,\22every\22:null,\22name\22:\22val\22,\22split\22:\22valid\22
// CHECK-SAME: \22experiment\22:\22page\22,\22keep\22:{\22attack\22:\22worst\22,\22evaluation\22:\22val\22}
// CHECK-SAME: {\22kind\22:\22int\22,\22line\22:9,\22minimum\22:1,\22origin\22:\22default\22,\22path\22:\22steps\22,\22text\22:\2220\22}
// CHECK-SAME: {\22derived\22:true,\22kind\22:\22real\22,\22line\22:10,\22maximum\22:1,\22open_maximum\22:true,\22origin\22:\22page\22,\22path\22:\22rate\22,\22reads\22:[\22steps\22],\22schedule\22:true,\22text\22:\22epoch/steps\22}
// CHECK-SAME: \22source\22:{\22path\22:\22page.advx\22,\22sha256\22:\22ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\22,\22text\22:\22abc\22}
// CHECK-SAME: \22sources\22:[{\22file\22:\22a.safetensors\22,\22folder\22:\22/\22,\22line\22:5,\22model\22:\22z\22,\22renames\22:[{\22ours\22:\22\22,\22theirs\22:\22module\22}],\22skips\22:[\22fc.*\22]}]
// CHECK-SAME: \22state\22:[{\22dtype\22:\22f32\22,\22from\22:{\22keys\22:[\22module.w\22],\22rename\22:0,\22source\22:0},\22init\22:{\22high\22:0.5,\22kind\22:\22uniform\22,\22low\22:-0.5},\22name\22:\22z.w\22,\22offset\22:0,\22role\22:\22parameter\22,\22shape\22:[3],\22trainable\22:true}
// CHECK-SAME: \22init\22:{\22kind\22:\22constant\22,\22value\22:1},\22name\22:\22z.b\22,\22offset\22:64,\22role\22:\22buffer\22
// CHECK-SAME: \22state_bytes\22:128
// CHECK-SAME: \22structural\22:[{\22line\22:6,\22origin\22:\22page\22,\22path\22:\22z.depth\22,\22text\22:\2234\22}]
// CHECK-SAME: \22train\22:{\22epochs\22:\22steps\22,\22replays\22:1,\22sets\22:[{\22adversary\22:\22inner\22,\22membership\22:\22x in B\22}],\22step\22:\22train_step\22}
// CHECK-SAME: \22uniform_reads\22:[{{\[}}\22rate\22,\22epoch\22]],\22uniforms\22:1

// STEPS: {\22apart\22:true,\22batch_arena\22:24,\22inputs\22:[{\22arena\22:\22batch\22,\22dtype\22:\22f32\22,\22name\22:\22x\22,\22offset\22:0,\22shape\22:[3]}],\22name\22:\22train_step\22,\22outputs\22:[{\22arena\22:\22batch\22
// STEPS-SAME: \22two_examples\22:\22z\22,\22uniforms\22:[0]}
advx.program "page" doc "A page." compiler {cpu = "x86-64-v3"} {
  advx.setting "data.batch" int = "128" line 2
  advx.setting "val.count" int = "1000" line 11
  advx.setting "steps" int = "20" default line 9 report "20" min 1.0
  advx.setting "rate" real = "epoch/steps" line 10 max 1.0 below_max derived schedule reads ["steps"]
  advx.structural "z.depth" = "34" line 6
  advx.data "points" tensor<3xf32> classes 3 range -1.0 to 1.0 format "idx" train ["a"] test ["b"] valid 7 batch "data.batch" drop_last
  advx.model_source "z" from "a.safetensors" in "/" line 5 rename [["module", ""]] skip ["fc.*"]
  advx.leaf @z.w : tensor<3xf32> slot 0 parameter trainable = uniform(-0.5, 0.5) from 0 ["module.w"] rename 0
  advx.leaf @z.b : tensor<3xf32> slot 1 buffer = constant(1.0)
  advx.train @train_step epochs "steps" replays 1 sets ["inner"] in [@"x in B"]
  advx.evaluation @val on "valid" count "val.count" at_end {
    advx.clean_line "clean" @val.clean
    advx.attack_line "ce" @val.ce member @"x in B" in_worst objective ["ce(f(x'), y)"] solver ["pgd(", {setting = "steps"}, ")"] over []
    advx.worst_line "worst" of ["clean", "ce"]
  }
  advx.keep @val "worst"
  advx.text "page.advx" page = dense_resource<page> : tensor<3xi8>
}
func.func @fill_uniforms(%epoch: f64, %iteration: f64, %epochs: f64, %iterations: f64, %batch: f64, %count: f64, %steps: f64, %rate: f64) -> (f64, f64, f64, f64, f64)
    attributes {advx.uniforms, advx.uniform_reads = [["rate", "epoch"]]} {
  return %batch, %count, %steps, %rate, %rate : f64, f64, f64, f64, f64
}
func.func @train_step(%w: tensor<3xf32> {advx.state = 0 : i64}, %x: tensor<?x3xf32> {advx.input = "x"})
    -> (tensor<?x3xf32> {advx.output = "loss"}) attributes {advx.step, advx.two_examples = 0 : i64} {
  %rate = advx.uniform 0 : f64
  %r = advx.splat %rate : (f64) -> tensor<f32>
  %v = advx.mul %w, %r : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %y = advx.add %x, %v : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
func.func @val.clean() attributes {advx.step} {
  return
}
func.func @val.ce() attributes {advx.step} {
  return
}
func.func @"x in B"() attributes {advx.step} {
  return
}
{-# dialect_resources: { builtin: { page: "0x01000000616263" } } #-}
