// RUN: advx-opt %s -split-input-file -verify-diagnostics

// What the verifiers refuse to tell the runtime.

advx.program "first" {
}
// expected-error @+1 {{is the second of its module}}
advx.program "second" {
}

// -----

advx.program "page" {
  advx.setting "data.batch" real = "128" line 1
  // expected-error @+1 {{'data.batch' is no integer setting}}
  advx.data "points" tensor<4xf32> classes 3 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
}

// -----

advx.program "page" {
  // expected-error @+1 {{the image must be a float tensor of known shape, found 'tensor<?x4xf32>'}}
  advx.data "points" tensor<?x4xf32> classes 3 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch"
}

// -----

advx.program "page" {
  // expected-error @+1 {{its range ends before it begins}}
  advx.data "points" tensor<4xf32> classes 3 range 1.0 to 0.0 format "idx" train [] test [] valid 0 batch "data.batch"
}

// -----

advx.program "page" {
  // expected-error @+1 {{a label has at least one byte, found 0}}
  advx.data "points" tensor<4xf32> classes 3 range 0.0 to 1.0 format "cifar" train [] test [] valid 0 batch "data.batch" label_bytes 0
}

// -----

advx.program "page" {
  // expected-error @+1 {{has 3 classes, but names 2}}
  advx.data "points" tensor<4xf32> classes 3 range 0.0 to 1.0 format "idx" train [] test [] valid 0 batch "data.batch" class_names ["red", "blue"]
}

// -----

advx.program "page" {
  // expected-error @+1 {{'outer.lr' is no setting}}
  advx.sweep "outer.lr" over ["1/10"]
}

// -----

// expected-error @+1 {{'advx.setting' op expects parent op 'advx.program'}}
advx.setting "lost" real = "1" line 1

// -----

advx.program "page" {
  // expected-error @+1 {{a setting is an f64 number}}
  advx.setting "eps" real = "1/10" line 1 {
    %e = advx.constant 1.0 : tensor<f32>
    advx.yield %e : tensor<f32>
  }
}

// -----

advx.program "page" {
  // expected-error @+1 {{the least value lies above the largest one}}
  advx.setting "p" real = "1/2" line 1 min 1.0 max 0.0
}

// -----

advx.program "page" {
  // expected-error @+1 {{a bound that is outside is not given}}
  advx.setting "p" real = "1/2" line 1 min 0.0 below_max
}

// -----

advx.program "page" {
  // expected-error @+1 {{'q' is no setting before it}}
  advx.setting "p" real = "q" line 1 reads ["q"]
  advx.setting "q" real = "1/2" line 2
}

// -----

advx.program "page" {
  advx.setting "p" real = "1/2" line 1
  // expected-error @+1 {{another setting has its path}}
  advx.setting "p" real = "1/3" line 2
}

// -----

advx.program "page" {
  advx.setting "p" real = "1/2" line 1
  // expected-error @+1 {{its value follows from 'p', which it does not say that it reads}}
  advx.setting "q" real = "p" line 2 {
    %p = advx.setting_value "p"
    advx.yield %p : f64
  }
}

// -----

advx.program "page" {
  // expected-error @+1 {{its value follows from the clock, so it is a schedule}}
  advx.setting "rate" real = "epoch" line 1 {
    %e = advx.clock "epoch"
    advx.yield %e : f64
  }
}

// -----

advx.program "page" {
  // expected-error @+1 {{must be a tensor of known shape, found 'tensor<*xf32>'}}
  advx.leaf @w : tensor<*xf32> slot 0 parameter = constant(0.0)
}

// -----

advx.program "page" {
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0)
  // expected-error @+1 {{has slot 0 but is leaf 1}}
  advx.leaf @v : tensor<3xf32> slot 0 parameter = constant(0.0)
}

// -----

advx.program "page" {
  // expected-note @+1 {{see existing symbol definition here}}
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0)
  // expected-error @+1 {{redefinition of symbol named 'w'}}
  advx.leaf @w : tensor<3xf32> slot 1 parameter = constant(0.0)
}

// -----

advx.program "page" {
  // expected-error @+1 {{only a parameter is trainable}}
  advx.leaf @w : tensor<3xf32> slot 0 buffer trainable = constant(0.0)
}

// -----

advx.program "page" {
  // expected-error @+1 {{a constant is one number, what is drawn has two}}
  advx.leaf @w : tensor<3xf32> slot 0 parameter = uniform(0.0)
}

// -----

advx.program "page" {
  // expected-error @+1 {{there is no model source 0}}
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0) from 0 ["w"]
}

// -----

advx.program "page" {
  advx.model_source "z" from "a.safetensors" in "/" line 5 rename [["module", ""]] skip []
  // expected-error @+1 {{model source 0 has no renaming 1}}
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0) from 0 ["w"] rename 1
}

// -----

advx.program "page" {
  // expected-error @+1 {{a renaming is two names, theirs and ours}}
  advx.model_source "z" from "a.safetensors" in "/" line 5 rename [["module"]] skip []
}

// -----

advx.program "page" {
  advx.setting "outer.epochs" int = "3" line 1
  // expected-error @+1 {{'train_step' is no step}}
  advx.train @train_step epochs "outer.epochs" replays 1 sets [] in []
}

// -----

advx.program "page" {
  // expected-error @+1 {{each adversary has one step that checks its set}}
  advx.train @train_step epochs "outer.epochs" replays 1 sets ["inner"] in []
}

// -----

// A function that is no step.
advx.program "page" {
  advx.evaluation @test on "test" {
    // expected-error @+1 {{'test.clean' is no step}}
    advx.clean_line "clean" @test.clean
  }
}
func.func private @test.clean()

// -----

// Before `advx-instantiate` the experiment says which steps there will be.
advx.program "page" {
  advx.evaluation @test on "test" {
    advx.clean_line "clean" @test.clean
    // expected-error @+1 {{'test.other' is no step}}
    advx.clean_line "other" @test.other
  }
}
advx.experiment @page. {
  advx.evaluate @test. {
    advx.clean "clean" {
    ^bb0(%x: tensor<4xf32>):
      advx.yield %x : tensor<4xf32>
    }
  }
}

// -----

advx.program "page" {
  advx.evaluation @test on "test" {
    advx.clean_line "clean" @test.clean
    // expected-error @+1 {{'x in B' is no step}}
    advx.attack_line "ce" @test.clean member @"x in B" objective [] solver [] over []
  }
}
func.func @test.clean() attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.evaluation @test on "test" {
    // expected-error @+1 {{'steps' is no setting}}
    advx.attack_line "ce" @test.ce objective [] solver ["pgd(", {setting = "steps"}, ")"] over []
  }
}
func.func @test.ce() attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.evaluation @test on "test" {
    // expected-error @+1 {{'test.ce.i' is no setting}}
    advx.attack_line "ce" @test.ce objective [] solver [] over [] index "test.ce.i" = 2.0 candidate 1
  }
}
func.func @test.ce() attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.setting "test.ce.i" int = "1" line 3
  advx.evaluation @test on "test" {
    // expected-error @+1 {{a candidate has an index, its value and its place}}
    "advx.attack_line"() {name = "ce", step = @test.ce, objective = [], solver = [], over = [], index = "test.ce.i", candidate = 1 : i64} : () -> ()
  }
}
func.func @test.ce() attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.evaluation @test on "test" {
    // expected-error @+1 {{3 : i64 is neither words nor a setting}}
    advx.attack_line "ce" @test.ce objective [3] solver [] over []
  }
}
func.func @test.ce() attributes {advx.step} {
  return
}

// -----

advx.program "page" {
  advx.evaluation @test on "test" {
    // expected-error @+1 {{'later' is no line before it}}
    advx.worst_line "worst" of ["later"]
    advx.worst_line "later" of []
  }
}

// -----

advx.program "page" {
  advx.evaluation @test on "test" {
    advx.worst_line "worst" of []
    // expected-error @+1 {{another line is called 'worst'}}
    advx.worst_line "worst" of []
  }
}

// -----

advx.program "page" {
  // expected-error @+1 {{'val' is no evaluation}}
  advx.keep @val "clean"
}

// -----

advx.program "page" {
  // expected-error @+1 {{'rate' is no integer setting}}
  advx.evaluation @val on "valid" every "rate" {
    advx.worst_line "worst" of []
  }
  advx.setting "rate" real = "1" line 0
}

// -----

advx.program "page" {
  advx.setting "val.every" int = "1" line 0
  advx.evaluation @val on "valid" every "val.every" {
    advx.worst_line "worst" of []
  }
  // expected-error @+1 {{'clean' is no line of 'val'}}
  advx.keep @val "clean"
}

// -----

advx.program "page" {
  // expected-error @+1 {{its bytes are not here: the module was printed without resources}}
  advx.text "page.advx" page = dense_resource<page> : tensor<3xi8>
}

// -----

advx.program "page" {
  // expected-error @+1 {{has 3 bytes, but is of type 'tensor<4xi8>'}}
  advx.text "page.advx" page = dense_resource<short> : tensor<4xi8>
}
{-# dialect_resources: { builtin: { short: "0x01000000616263" } } #-}

// -----

advx.program "page" {
  advx.train @train_step epochs "outer.epochs" replays 1 sets [] in []
  // expected-error @+1 {{is the second of its program}}
  advx.train @train_step epochs "outer.epochs" replays 1 sets [] in []
}

// -----

advx.program "page" {
  // expected-error @+1 {{only a state begins as a setting}}
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0) by "w"
}

// -----

advx.program "page" {
  // expected-error @+1 {{'d' is no setting}}
  advx.table @d : tensor<3xf32> per slot by "d"
}

// -----

advx.program "page" {
  advx.setting "d" real = "0" line 1
  // expected-error @+1 {{a row must be a tensor of known shape, found 'tensor<?xf32>'}}
  advx.table @d : tensor<?xf32> per example by "d"
}

// -----

advx.program "page" {
  advx.setting "outer.epochs" int = "3" line 11
  // expected-error @+1 {{'outer.replays' is no integer setting}}
  advx.train @train_step epochs "outer.epochs" replays 1 by "outer.replays" sets [] in []
}
func.func @train_step() attributes {advx.step} { return }

// -----

advx.program "page" {
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0)
  // expected-error @+1 {{only a state without a setting copies a leaf}}
  advx.leaf @v : tensor<3xf32> slot 1 parameter = constant(0.0) {advx.copied = @w}
}

// -----

advx.program "page" {
  advx.leaf @w : tensor<3xf32> slot 0 parameter = constant(0.0)
  // expected-error @+1 {{@w is no leaf of its type before it}}
  advx.leaf @e.w : tensor<4xf32> slot 1 state = constant(0.0) {advx.copied = @w}
}

// -----

advx.program "page" {
  // expected-error @+1 {{has statistics of no model at other weights}}
  advx.evaluation @test on "test" at_end attributes {advx.own_statistics} {
  }
}

// -----

advx.program "page" {
  // expected-error @+1 {{'estimate' is no step}}
  advx.evaluation @test on "test" at_end attributes {advx.model = "f[e]", advx.estimation = @estimate} {
  }
}
