//===- FieldNames.cpp - What other libraries call it ----------------------===//

#include "compiler/diagnostics/FieldNames.h"

#include <cctype>

namespace advx::diag {

namespace {

constexpr const char *noOptimizer =
    "the library has `sgd(lr = 0.1, momentum = 0.9)`, `adam()` and `adamw()`; another optimiser is "
    "a text of your own, "
    "`optimizer NAME(lr : real) { minimize L at w … }`";
constexpr const char *noSolver =
    "the library has `pgd` and `fgsm`; another search is a text of your own, "
    "`solver NAME(…) { maximize J over B from x … return x' }`";
constexpr const char *noNetwork =
    "the library has `mlp`, `lenet`, `mnist_cnn`, `small_cnn`, `resnet18`, `resnet34`, "
    "`preact_resnet18` and `wide_resnet`; "
    "another network is a text of your own, `network NAME(…) { layer … forward(x) = … }`";
constexpr const char *noDataset =
    "declare your files with `dataset NAME() { format = \"idx\" image = [1, 28, 28] … }`";
constexpr const char *noFunction =
    "the library has none; declare it, as in `fn NAME(v : point) : point = …`";

} // namespace

const std::vector<FieldName> &fieldNames() {
  using P = NamePlace;
  static const std::vector<FieldName> table = {
      // Losses and functions.
      {P::Function, "crossentropy crossentropyloss celoss xent criterion lossfn lossfunction", "ce",
       "ce({f}({x'}), y)", ""},
      {P::Function, "nllloss nll", "ce", "ce({f}({x'}), y)", "it takes logits"},
      {P::Function, "binarycrossentropy binarycrossentropywithlogits bce bceloss bcewithlogitsloss",
       "ce", "ce({f}({x'}), y)", "classes are labels, two of them too"},
      {P::Function, "kldiv kldivloss kldivergence klloss", "kl", "kl({f}(x), {f}({x'}))",
       "both are logits"},
      {P::Function, "mseloss", "mse", "mse({f}(x), {f}({x'}))", ""},
      {P::Function, "l1loss mae", "abs", "mean(abs({f}(x) - {f}({x'})))", ""},
      {P::Function, "cosinesimilarity cosinesim cossim", "cosine", "cosine({f}(x), {f}({x'}))", ""},
      {P::Function, "cwloss carliniwagner marginloss multimarginloss", "cw", "cw({f}({x'}), y)",
       ""},
      {P::Function, "dlrloss", "dlr", "dlr({f}({x'}), y)", ""},
      {P::Function, "trades tradesloss", "kl", "ce({f}(x), y) + 6 * kl({f}(x), {f}({x'}))", ""},
      {P::Function, "labelsmoothing labelsmoothingloss smoothlabels", "smooth",
       "ce({f}({x'}), smooth(y, 1/10))", ""},
      {P::Function, "clamp hardtanh", "clip", "clip({x'}, 0, 1)", ""},
      {P::Function, "detach nograd stopgrad", "stop_gradient", "stop_gradient({f}(x))", ""},
      {P::Function, "pow power", "", "", "write a power as `a ** b`"},
      {P::Function, "square", "", "", "write a square as `a ** 2`"},
      {P::Function, "matmul mm bmm dot", "", "", "write a product of matrices as `a @ b`"},
      {P::Function, "view reshape ravel", "flatten", "flatten(x)", ""},
      {P::Function, "cat stack", "concat", "concat(x, {x'}, axis = 0)", ""},
      {P::Function, "logsumexp", "log_sum_exp", "log_sum_exp({f}(x))", ""},
      {P::Function, "l2norm vectornorm", "norm", "norm({x'} - x)", ""},
      {P::Function, "numel len", "size", "size(x)", ""},
      {P::Function, "sigmoid", "exp", "1 / (1 + exp(-{f}(x)))", ""},
      {P::Function, "leakyrelu", "max", "max({f}(x), {f}(x) / 100)", ""},
      {P::Function, "swish", "silu", "silu({f}(x))", ""},
      {P::Function, "elu selu softplus mish", "", "", noFunction},
      {P::Function, "model net network classifier clf self predictor", "", "{f}({args})",
       "the model of this page is the head `{f}`"},
      {P::Function, "argmax", "predict", "predict({f}(x))", ""},
      {P::Function, "range", "", "", "a solver counts with `repeat n as k { … }`"},
      {P::Function, "backward step zerograd", "", "",
       "leave it out: the compiler differentiates, and the optimiser after `by` steps"},
      {P::Function, "statedict loadstatedict", "", "",
       "weights come from a file: `features z = NETWORK(…) from \"weights.safetensors\"`"},

      // Names in expressions.
      {P::Value, "label labels target targets ytrue ytrain gt groundtruth ys", "y", "",
       "the label of the example is `y`"},
      {P::Value, "xadv adv advx xadvs advimages advinputs advexamples xhat xpert", "", "{x'}",
       "the point that the adversary found is `{x'}`"},
      {P::Value, "delta perturbation", "", "({x'} - x)",
       "the perturbation is the difference of `{x'}` and `x`"},
      {P::Value, "image images input inputs data img imgs xs xnat xclean", "x", "",
       "the clean example is `x`"},
      {P::Value, "logits output outputs out pred preds scores", "", "{f}({x'})",
       "logits are the head `{f}` at a point"},
      {P::Value, "model net network classifier clf", "", "{f}(x)",
       "the model of this page is the head `{f}`"},
      {P::Value, "inf", "infinity", "", ""},
      {P::Value, "pi", "", "3.141592653589793", ""},
      {P::Value, "none null nil", "", "", "leave the argument out: nothing here may be absent"},
      {P::Value, "loss", "", "ce({f}({x'}), y)", "write the loss out"},
      {P::Value, "numclasses nclasses", "classes", "", ""},
      {P::Value, "device cuda cpu", "", "", "leave it out: executables run on the CPU"},

      // Layers and networks.
      {P::Network, "linear dense fc fullyconnected", "linear", "linear(10)",
       "the input size is inferred"},
      {P::Network, "conv", "conv2d", "conv2d(16, kernel = 3)", "the input channels are inferred"},
      {P::Network, "batchnorm2d batchnorm1d bn", "batch_norm", "batch_norm()",
       "the channels are inferred"},
      {P::Network, "maxpool2d maxpooling", "max_pool", "max_pool(2)", ""},
      {P::Network, "avgpool2d avgpooling", "avg_pool", "avg_pool(2)", ""},
      {P::Network, "adaptiveavgpool2d globalavgpool2d globalaveragepooling gap", "global_avg_pool",
       "global_avg_pool()", ""},
      {P::Network, "dropout2d", "dropout", "dropout(1/2)", ""},
      {P::Network, "sequential", "conv2d", "conv2d(16, kernel = 3) >> relu >> flatten",
       "layers are joined by `>>`"},
      {P::Network, "normalizelayer inputnormalization normalise", "standardize",
       "standardize(0.5, 0.5) >> mnist_cnn()", ""},
      {P::Network, "layernorm groupnorm instancenorm2d convtranspose2d embedding lstm attention",
       "", "", "there is no such layer; `advx` has those of docs/language/primitives.md"},
      {P::Network, "wrn wideresnet wrn3410 wrn2810 wrn34 wrn28 wideresnet3410 wideresnet2810",
       "wide_resnet", "wide_resnet(34, 10)", ""},
      {P::Network, "preactresnet preresnet18", "preact_resnet18", "preact_resnet18()", ""},
      {P::Network, "lenet5", "lenet", "lenet()", ""},
      {P::Network, "cnn simplecnn mnistnet convnet", "mnist_cnn", "mnist_cnn()", ""},
      {P::Network, "perceptron multilayerperceptron", "mlp", "mlp()", ""},
      {P::Network, "resnet resnet20 resnet50 resnet110", "resnet18", "resnet18()",
       "other depths are texts of your own; copy stdlib/networks/resnet.advx"},
      {P::Network, "vgg vgg11 vgg16 vgg19 densenet densenet121 mobilenet vit alexnet", "", "",
       noNetwork},

      // Heads.
      {P::Head, "dense fc fullyconnected classifier", "linear", "linear({z})", ""},
      {P::Head, "cosine normface normalized cosinehead", "hypersphere",
       "hypersphere({z}, s = 15, m = 1/5)", ""},

      // Optimisers and schedules.
      {P::Optimizer, "rmsprop adagrad nadam radam lion lamb lbfgs adadelta", "", "", noOptimizer},
      {P::Optimizer, "momentum sgdm", "sgd", "sgd(lr = 0.1, momentum = 0.9)", ""},
      {P::Schedule, "cosineannealing cosineannealinglr cosinelr cosineschedule cosinedecay",
       "cosine", "cosine(0.1)", ""},
      {P::Schedule, "onecycle onecyclelr cycliclr triangular", "cyclic", "cyclic(0.1)", ""},
      {P::Schedule, "linearlr linearschedule polynomiallr lineardecaylr", "linear_decay",
       "linear_decay(0.1)", ""},
      {P::Schedule, "multistep multisteplr steplr step stepdecay piecewiseconstant", "piecewise",
       "piecewise(0.1, [75: 0.01, 90: 0.001])", ""},
      {P::Schedule, "exponential exponentiallr expdecay", "epoch", "0.1 * 0.95 ** epoch", ""},
      {P::Schedule, "constant constantlr fixed", "", "0.1", ""},
      {P::Schedule, "warmup linearwarmup", "cosine", "cosine(0.1, warmup = 1/10)", ""},

      // Adversaries.
      {P::Solver, "pgdattack linfpgd pgdlinf projectedgradientdescent ipgd pgd10 pgd20", "pgd",
       "pgd(steps = 10, step = 2/255)", ""},
      {P::Solver, "bim ifgsm ifgm basiciterative", "pgd", "pgd(steps = 10, start = center)", ""},
      {P::Solver, "fgm fastgradient gradientsign", "fgsm", "fgsm()", ""},
      {P::Solver, "ffgsm fastfgsm rfgsm rsfgsm", "fgsm", "fgsm(start = uniform)", ""},
      {P::Solver, "mifgsm mim difgsm tifgsm deepfool jsma nes spsa cw free adam sgd", "", "",
       noSolver},
      {P::Solver, "apgdce autopgd apgdlinf apgdl1 apgdl2", "apgd", "apgd(steps = 100)", ""},
      {P::Solver, "apgdt apgddlr", "apgd", "apgd()", "its objective is `dlr_targeted` or `dlr`"},
      {P::Solver, "fabt fabattack", "fab", "fab()",
       "its objective is `{f}({x'})[ranked({f}(x), 2)] - {f}({x'})[y]`"},
      {P::Solver, "squareattack", "square", "square()", "its objective is the margin `cw`"},
      {P::Set, "linfball linfinity chebyshev maxnorm", "linf", "linf(x, radius = 8/255)", ""},
      {P::Set, "ball l2ball euclidean", "l2", "l2(x, radius = 1/2)", ""},
      {P::Set, "clip clamp range interval bounds01", "box", "box(0, 1)", ""},
      {P::Set, "l0 l0ball", "", "",
       "the library has `linf`, `l2`, `l1` and `lp`; another set is a text, "
       "`set NAME(x : point, …) { project(v) = … }`"},
      {P::Start, "random rand uniformrandom noise", "uniform", "", ""},
      {P::Start, "zero zeros none clean x x0 false", "center", "", ""},
      {P::Start, "normal randn gauss", "gaussian", "gaussian(sigma = 0.001)", ""},
      {P::Start, "true", "uniform", "", ""},

      // Data and evaluations.
      {P::Dataset, "imagenet svhn tinyimagenet stl10 celeba kmnist emnist imagefolder", "", "",
       noDataset},
      {P::Split, "val validation dev validset valset", "valid", "", ""},
      {P::Split, "testset testing", "test", "", ""},
      {P::Split, "trainset training", "train", "", ""},
      {P::Mode, "test inference evaluation evaluate", "eval", "", ""},
      {P::Mode, "training", "train", "", ""},
      {P::Line, "natural nat accuracy acc standard benign cleanacc standardaccuracy", "clean", "",
       ""},
      {P::Line, "aa", "autoattack", "autoattack()", ""},

      // Parameters.
      {P::Parameter, "alpha stepsize eta lralpha", "step", "", ""},
      {P::Parameter, "numsteps nsteps iters iterations niter nbiter numiter maxiter nbsteps k",
       "steps", "", ""},
      {P::Parameter, "eps epsilon delta epsiter r bound", "radius", "", ""},
      {P::Parameter, "randomstart randinit randominit init", "start", "",
       "as in `start = uniform`"},
      {P::Parameter, "eps epsilon radius", "", "",
       "leave it out: the radius is that of the set, as in `linf(x, radius = 8/255)`"},
      {P::Parameter, "learningrate stepsize eta", "lr", "", ""},
      {P::Parameter, "wd weightdecay l2", "weight_decay", "", ""},
      {P::Parameter, "mom beta beta1 mu", "momentum", "", ""},
      {P::Parameter, "kernelsize ksize k size", "kernel", "", ""},
      {P::Parameter, "outchannels outfeatures filters channels features units nout", "out", "", ""},
      {P::Parameter, "pad", "padding", "", ""},
      {P::Parameter, "strides", "stride", "", ""},
      {P::Parameter, "prob rate pdrop", "p", "", ""},
      {P::Parameter, "dropout droprate dropprob", "drop", "", ""},
      {P::Parameter, "scale temperature gamma", "s", "", ""},
      {P::Parameter, "margin", "m", "", ""},
      {P::Parameter, "min lower minval lo", "low", "", ""},
      {P::Parameter, "max upper maxval hi", "high", "", ""},
      {P::Parameter, "ord order", "p", "", ""},
      {P::Parameter, "dim dims axes", "axis", "", ""},
      {P::Parameter, "std stddev scale", "sigma", "", ""},
      {P::Parameter, "initiallr lr maxlr baselr", "peak", "", ""},
      {P::Parameter, "pctstart", "rise", "", ""},
      {P::Parameter, "widenfactor width k", "width", "", ""},
      {P::Parameter, "dim axis keepdim dims axes", "", "",
       "leave it out: an expression is for one example, and this takes its whole vector"},
      {P::Parameter, "reduction sizeaverage reduce", "", "",
       "leave it out: the loss is for one example, and `outer` takes the mean over the batch"},
      {P::Parameter, "labelsmoothing", "", "",
       "smooth the label instead: `ce({f}({x'}), smooth(y, 1/10))`"},
      {P::Parameter, "inchannels infeatures inputdim numfeatures", "", "",
       "leave it out: the input size is inferred"},
      {P::Parameter, "classes numclasses nclasses out outfeatures", "", "",
       "leave it out: the classes are those of the data"},
      {P::Parameter, "pretrained weights", "", "",
       "leave it out; weights come from a file: `NETWORK(…) from \"weights.safetensors\"`"},
      {P::Parameter, "root datadir path download dir", "", "",
       "leave it out: a run gets the folder of its data with `--data`"},
      {P::Parameter, "transform normalize", "", "",
       "leave it out: `standardize(mean, std) >> NETWORK(…)` is part of the network"},
      {P::Parameter, "params parameters model", "", "",
       "leave it out: all weights that are not `frozen` are trained"},
      {P::Parameter, "device cuda", "", "", "leave it out: executables run on the CPU"},
      {P::Parameter, "seed randomseed", "", "", "leave it out: a run gets its seed with `--seed`"},
      {P::Parameter, "dampening maximize foreach", "", "", "leave it out: `sgd` has no such part"},

      {P::Setting, "batchsize bs", "batch", "", ""},
      {P::Setting, "droplast", "last", "last = drop", ""},
      {P::Setting, "valsize validation validsize val nvalid valsplit", "valid", "", ""},
      {P::Setting, "shuffle", "", "",
       "leave it out: every epoch of training is shuffled, by the seed of the run"},
      {P::Setting, "numworkers workers pinmemory prefetch device persistentworkers", "", "",
       "leave it out: the data are in memory"},
      {P::Setting, "root datadir path download dir", "", "",
       "leave it out: a run gets the folder of its data with `--data`"},
      {P::Setting, "seed", "", "", "leave it out: a run gets its seed with `--seed`"},
      {P::Setting, "epochs nepochs", "", "",
       "the number of epochs stands in `outer minimize … by … for N epochs`"},

      // Types.
      {P::Type, "float double float32 float64 number scalar", "real", "", ""},
      {P::Type, "integer long int64", "int", "", ""},
      {P::Type, "boolean", "bool", "", ""},
      {P::Type, "array ndarray floattensor", "point", "", "a tensor of any shape is a `point`"},
      {P::Type, "function callable", "fn", "", ""},
      {P::Type, "class target", "label", "", ""},
      {P::Type, "vec", "vector", "vector[n]", ""},

      // Methods.
      {P::Method, "detach nograd", "stop_gradient", "stop_gradient({args})", ""},
      {P::Method, "clamp", "clip", "clip({args}, 0, 1)", ""},
      {P::Method, "view flatten reshape ravel squeeze", "flatten", "flatten({args})", ""},
      {P::Method, "t transpose permute", "transpose", "transpose({args})", ""},
      {P::Method, "argmax", "predict", "predict({args})", ""},
      {P::Method, "shape size numel", "size", "size({args})", ""},
      {P::Method, "pow", "", "", "write a power as `a ** b`"},
      {P::Method, "matmul mm dot", "", "", "write a product of matrices as `a @ b`"},
      {P::Method, "mean", "", "",
       "leave it out: the loss is for one example, and `outer` takes the mean over the batch; "
       "the mean of the entries of a vector is `mean(v)`"},
      {P::Method, "eval train", "", "",
       "leave it out: `inner` and `evaluate` see the model in eval, `outer` in train; `inner … in "
       "train` and `{f}[eval](x)` say otherwise"},
      {P::Method, "item cpu cuda to numpy clone requiresgrad float double half contiguous", "", "",
       "leave it out: a page has no devices, copies or conversions"},
      {P::Method, "backward zerograd step", "", "",
       "leave it out: the compiler differentiates, and the optimiser after `by` steps"},
      {P::Method, "grad", "grad", "grad(ce({f}(x), y), x)", ""},
      {P::Method, "parameters", "", "",
       "leave it out: all weights that are not `frozen` are trained"},
      {P::Method, "load loadstatedict", "", "",
       "weights come from a file: `features z = NETWORK(…) from \"weights.safetensors\"`"},

      {P::Import, "torch torchvision nn numpy np jax tensorflow autoattack torchattacks math os",
       "", "", "remove the line: the library is in scope unasked, and Python has no part here"},
  };
  return table;
}

std::string plainName(std::string_view name) {
  std::string result;
  for (char c : name)
    if (c != '_')
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

namespace {

std::string filled(std::string_view form, const PageNames &names) {
  std::string text(form);
  const std::pair<std::string_view, const std::string &> places[] = {{"{args}", names.args},
                                                                     {"{f}", names.head},
                                                                     {"{z}", names.features},
                                                                     {"{x'}", names.variable}};
  for (const auto &[mark, value] : places)
    for (size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size())
      text.replace(at, mark.size(), value);
  return text;
}

} // namespace

std::string fieldForm(const FieldName &entry, const PageNames &names) {
  if (!entry.form.empty() || entry.ours.empty())
    return filled(entry.form, names);
  const bool named = entry.place == NamePlace::Parameter || entry.place == NamePlace::Setting;
  return std::string(entry.ours) + (named ? " = …" : "");
}

std::string fieldHelp(const FieldName &entry, const PageNames &names) {
  const std::string form = fieldForm(entry, names), remark = filled(entry.remark, names);
  if (form.empty())
    return remark;
  const std::string write = "write `" + form + "`";
  if (entry.ours.empty())
    return remark.empty() ? write : remark + ": " + write;
  // `NAME(…)` is the same thing under another name; another form only makes use of the name.
  const std::string ours(entry.ours);
  const std::string named = form.compare(0, ours.size() + 1, ours + "(") == 0
                                ? "advx calls it `" + ours + "`: " + write
                                : write;
  return remark.empty() ? named : named + "; " + remark;
}

std::vector<const FieldName *> findFieldNames(NamePlace place, std::string_view name) {
  std::vector<const FieldName *> result;
  const std::string padded = " " + plainName(name) + " ";
  for (const FieldName &entry : fieldNames())
    if (entry.place == place &&
        (" " + std::string(entry.theirs) + " ").find(padded) != std::string::npos)
      result.push_back(&entry);
  return result;
}

} // namespace advx::diag
