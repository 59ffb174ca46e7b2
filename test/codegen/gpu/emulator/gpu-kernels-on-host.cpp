//===- gpu-kernels-on-host.cpp - GPU kernels as an object for the emulator --===//
//
//   gpu-kernels-on-host partitioned.mlir -o kernels.o > kernels.json
//   gpu-kernels-on-host --split partitioned.mlir > split.mlir
//
// The first compiles what --emit=ptx prints, for the host, with intrinsics as calls; each kernel
// K gets a function K.call that takes its arguments as an array of eight bytes each. Barriers and
// shuffles are numbered in the order of the description's "sites", so that the emulator can leave
// one out. The second writes a step of its own for each different cluster of a page.
//
//===------------------------------------------------------------------------===//

#include "compiler/codegen/gpu/GpuKernels.h"
#include "compiler/codegen/kernels/Kernels.h"
#include "dialect/IR/AdvxDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace ::advx::codegen;

namespace {

namespace cl = llvm::cl;
cl::opt<std::string> input(cl::Positional, cl::desc("<partitioned stage>"), cl::init("-"));
cl::opt<std::string> output("o", cl::desc("object file"), cl::init(""));
cl::opt<bool> split("split", cl::desc("write each different cluster as a step"));

OwningOpRef<ModuleOp> splitClusters(ModuleOp module) {
  OpBuilder builder(module.getContext());
  OwningOpRef<ModuleOp> result(ModuleOp::create(module.getLoc()));
  llvm::StringSet<> known;
  module.walk([&](mlir::advx::ClusterOp cluster) {
    if (!known.insert(kernelText(cluster)).second)
      return;
    builder.setInsertionPointToEnd(result->getBody());
    llvm::SmallVector<Type> inputs, outputs(cluster.getOutputs().getTypes());
    for (Type type : cluster.getInputs().getTypes())
      if (isa<ShapedType>(type))
        inputs.push_back(type);
    std::string name = ("cluster_" + llvm::Twine(known.size())).str();
    auto step = builder.create<func::FuncOp>(cluster.getLoc(), name,
                                             builder.getFunctionType(inputs, outputs));
    step->setAttr("advx.step", builder.getUnitAttr());
    for (unsigned i = 0; i < inputs.size(); ++i)
      step.setArgAttr(i, "advx.input", builder.getStringAttr("a" + llvm::Twine(i)));
    for (unsigned i = 0; i < outputs.size(); ++i)
      step.setResultAttr(i, "advx.output", builder.getStringAttr("v" + llvm::Twine(i)));
    Block *body = step.addEntryBlock();
    builder.setInsertionPointToEnd(body);
    auto copy = cast<mlir::advx::ClusterOp>(builder.clone(*cluster));
    builder.setInsertionPoint(copy);
    unsigned used = 0;
    double number = 0;
    for (OpOperand &operand : copy->getOpOperands()) {
      Type type = operand.get().getType();
      operand.set(isa<ShapedType>(type)
                      ? Value(body->getArgument(used++))
                      : builder.create<arith::ConstantOp>(
                            cluster.getLoc(), builder.getF64FloatAttr(number += 0.0625)));
    }
    builder.setInsertionPointToEnd(body);
    builder.create<func::ReturnOp>(cluster.getLoc(), copy.getOutputs());
  });
  return result;
}

/// llvm.nvvm.a.b becomes nvvm_a_b, a function like any other.
void replaceIntrinsics(llvm::Module &module) {
  for (llvm::Function &function : llvm::make_early_inc_range(module)) {
    llvm::StringRef name = function.getName();
    if (!name.consume_front("llvm.nvvm."))
      continue;
    std::string plain = "nvvm_" + name.str();
    std::replace(plain.begin(), plain.end(), '.', '_');
    auto *call = llvm::Function::Create(function.getFunctionType(), llvm::Function::ExternalLinkage,
                                        plain, module);
    function.replaceAllUsesWith(call);
    function.eraseFromParent();
  }
}

/// Puts a call of emulator_site before each barrier and shuffle; returns what they are.
llvm::json::Array numberSites(llvm::Module &module) {
  llvm::json::Array sites;
  llvm::IRBuilder<> builder(module.getContext());
  llvm::FunctionCallee announce =
      module.getOrInsertFunction("emulator_site", builder.getVoidTy(), builder.getInt32Ty());
  for (llvm::Function &kernel : module)
    for (llvm::Instruction &instruction : llvm::instructions(kernel)) {
      auto *call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      llvm::StringRef name = call ? call->getCalledFunction()->getName() : llvm::StringRef();
      if (!name.starts_with("nvvm_bar") && !name.starts_with("nvvm_shfl"))
        continue;
      builder.SetInsertPoint(call);
      builder.CreateCall(announce, builder.getInt32(sites.size()));
      sites.push_back(llvm::json::Object{{"kernel", kernel.getName()}, {"call", name}});
    }
  return sites;
}

void addCaller(llvm::Function &kernel) {
  llvm::LLVMContext &context = kernel.getContext();
  llvm::Type *pointer = llvm::PointerType::get(context, 0);
  auto *caller = llvm::Function::Create(
      llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer}, false),
      llvm::Function::ExternalLinkage, kernel.getName() + ".call", *kernel.getParent());
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", caller));
  llvm::SmallVector<llvm::Value *> arguments;
  for (llvm::Argument &argument : kernel.args())
    arguments.push_back(builder.CreateLoad(
        argument.getType(),
        builder.CreateConstGEP1_64(builder.getInt64Ty(), caller->getArg(0), argument.getArgNo())));
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
}

llvm::json::Object describe(ModuleOp module) {
  llvm::json::Object steps, kernels;
  module.walk([&](mlir::advx::ClusterOp cluster) {
    auto kernel = cluster->getAttrOfType<SymbolRefAttr>(kKernelAttr);
    steps[cluster->getParentOfType<func::FuncOp>().getName()] = kernel.getLeafReference().str();
  });
  gpuModuleOf(module).walk([&](gpu::GPUFuncOp kernel) {
    auto launch = kernel->getAttrOfType<DictionaryAttr>("advx.launch");
    llvm::json::Object info;
    std::string kinds;
    for (Type type : kernel.getArgumentTypes())
      kinds += type.isF64() ? 'd' : type.isInteger(64) ? 'i' : 'p';
    info["arguments"] = kinds;
    info["one_block"] = cast<BoolAttr>(launch.get("one_block")).getValue();
    for (const char *key : {"partial_bytes", "rows", "threads"})
      info[key] = cast<IntegerAttr>(launch.get(key)).getInt();
    kernels[kernel.getName()] = std::move(info);
  });
  return llvm::json::Object{{"steps", std::move(steps)}, {"kernels", std::move(kernels)}};
}

int fail(const llvm::Twine &message) {
  llvm::errs() << "gpu-kernels-on-host: " << message << "\n";
  return 1;
}

int compile(ModuleOp module) {
  PassManager passes(module.getContext());
  addGpuPasses(passes);
  if (failed(passes.run(module)))
    return 1;
  llvm::json::Object description = describe(module);
  PassManager lowering(module.getContext());
  addNvvmPasses(lowering);
  if (failed(lowering.run(module)))
    return 1;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program = translateKernels(gpuModuleOf(module), context);
  if (!program)
    return 1;
  replaceIntrinsics(*program);
  description["sites"] = numberSites(*program);
  llvm::SmallVector<llvm::Function *> kernels;
  for (llvm::Function &function : *program)
    if (!function.isDeclaration())
      kernels.push_back(&function);
  llvm::json::Object *infos = description.getObject("kernels");
  for (llvm::Function *kernel : kernels) {
    addCaller(*kernel);
    llvm::GlobalVariable *shared = program->getNamedGlobal((kernel->getName() + "_shared").str());
    int64_t bytes = 0;
    if (shared) {
      shared->setLinkage(llvm::GlobalValue::ExternalLinkage);
      bytes = llvm::cast<llvm::ArrayType>(shared->getValueType())->getNumElements();
    }
    infos->getObject(kernel->getName())->insert({"shared", bytes});
  }
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::string triple = llvm::sys::getDefaultTargetTriple(), error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return fail(error);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, "x86-64-v3", "", llvm::TargetOptions(), llvm::Reloc::PIC_));
  program->setTargetTriple(triple);
  program->setDataLayout(machine->createDataLayout());
  std::error_code code;
  llvm::ToolOutputFile object(output, code, llvm::sys::fs::OF_None);
  llvm::legacy::PassManager emission;
  if (code || machine->addPassesToEmitFile(emission, object.os(), nullptr,
                                           llvm::CodeGenFileType::ObjectFile))
    return fail("cannot write the object");
  emission.run(*program);
  object.keep();
  llvm::outs() << llvm::json::Value(std::move(description)) << "\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "GPU kernels as an object for the emulator\n");
  DialectRegistry registry;
  registry
      .insert<mlir::advx::AdvxDialect, arith::ArithDialect, func::FuncDialect, scf::SCFDialect>();
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;
  if (!split)
    return compile(*module);
  splitClusters(*module)->print(llvm::outs());
  llvm::outs() << "\n";
  return 0;
}
