#ifndef ADVX_SEMA_TEXTS_MODELCHECKER_H
#define ADVX_SEMA_TEXTS_MODELCHECKER_H

#include "compiler/sema/Room.h"

#include <string>
#include <vector>

namespace advx::sema {

class CallBinder;
class ExprChecker;
class InitialiserChecker;
class LayerChecker;
class SetChecker;
class SourceChecker;

/// The lines of `features` and heads.
class ModelChecker : Room {
public:
  ModelChecker(const Tools &tools, ExprChecker &exprChecker, LayerChecker &layerChecker,
               InitialiserChecker &initialisers, SourceChecker &sourceChecker,
               SetChecker &setChecker, CallBinder &callBinder)
      : Room(tools), callBinder(callBinder), exprChecker(exprChecker), layerChecker(layerChecker),
        initialisers(initialisers), sourceChecker(sourceChecker), setChecker(setChecker) {}

  void checkFeatures(const syntax::Item &item);
  void checkHead(const syntax::Item &item);
  void addParam(const syntax::Stmt &stmt, const std::string &path, Env &env,
                std::vector<const Leaf *> &leaves);

private:
  CallBinder &callBinder;
  ExprChecker &exprChecker;
  LayerChecker &layerChecker;
  InitialiserChecker &initialisers;
  SourceChecker &sourceChecker;
  SetChecker &setChecker;
};

} // namespace advx::sema

#endif
