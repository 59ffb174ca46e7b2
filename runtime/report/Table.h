#ifndef ADVX_RUNTIME_REPORT_TABLE_H
#define ADVX_RUNTIME_REPORT_TABLE_H

#include "runtime/report/EvaluationResult.h"

namespace advx::runtime {

/// An evaluation as text for people: a line per attack with accuracy, standard
/// error, n, and what was maximised by which solver. `weights` says of what
/// ("final weights", a file).
std::string formatTable(const EvaluationResult &result, const std::string &weights);

/// The accuracies of each class as text: a line per class, a column per attack.
std::string formatClasses(const EvaluationResult &result);

/// The mean of what each attack maximised as text: a line per attack that maximises something.
std::string formatObjectives(const EvaluationResult &result);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_TABLE_H
