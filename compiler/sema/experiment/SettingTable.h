#ifndef ADVX_SEMA_EXPERIMENT_SETTINGTABLE_H
#define ADVX_SEMA_EXPERIMENT_SETTINGTABLE_H

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/sema/scopes/Values.h"

#include <map>
#include <string>
#include <vector>

namespace advx::sema {

class Expressions;
class Findings;
class ReportTexts;
class Sheet;

/// The numbers of the page that a run may set, and the edits that make defaults visible.
class SettingTable {
public:
  SettingTable(Sheet &sheet, Findings &findings, Expressions &build, ReportTexts &reports)
      : sheet(sheet), findings(findings), build(build), reports(reports) {}

  ExprPtr setting(const std::string &path, Type::Element element, ExprPtr value,
                  const std::string &text, bool isDefault, Span span);
  std::string freePath(const std::string &role, const std::string &fallback,
                       const std::string &param) const;
  /// The number `what`, which must lie in `range`: refused where the page decides it, else looked
  /// at in each run, as a setting or, if it is computed from several, as a derived one at `path`.
  /// That of a function's parameter is looked at where the function is called.
  ExprPtr bounded(ExprPtr value, const Range &range, diag::Code code, const std::string &what,
                  const std::string &path, Span span, Type::Element derived = Type::Element::Real);
  /// The page's value of a Number shapes the program: no setting that it reads can be set.
  void fix(const ExprPtr &number);
  /// Makes the number of an argument a setting at `path`, and writes a default back to the page.
  /// Gives the text that it has there. The value is an error after a report, as of one that is
  /// infinite.
  std::string adopt(BoundArgument &argument, const std::string &path, Type::Element element,
                    const syntax::Expr &call);
  /// Takes back the settings from the `first` on, of a text that is read again where it is used.
  /// Those before a derived one stay beside it, which what was made of the text may read; no run
  /// sets them.
  void takeBack(size_t first);
  /// Whether the clock decides a number, through the settings that it reads.
  bool isSchedule(const ExprPtr &value) const;
  /// Notes an argument that shapes the program, and writes a default back to the page.
  void shape(const BoundArgument &argument, const std::string &path, const syntax::Expr &call);
  /// Makes the numbers of a call on the page, such as `cyclic(0.1)`, settings below `role`: the
  /// parts of a schedule.
  void declareParts(const Decl &decl, const syntax::Expr &call, const std::string &role,
                    std::vector<BoundArgument> &arguments);
  bool isPath(const std::string &path) const;
  bool isOnPage(Span span) const;
  void structural(const std::string &path, const std::string &text, bool isDefault, Span span);
  void insertArgument(const syntax::Expr &call, const std::string &param, const std::string &text);
  /// A Number as .advx text in terms of the page: settings that are lets by name, others by value;
  /// as it is `written` where that would be very long.
  std::string printNumber(const ExprPtr &expr, Span written);
  std::string printNumber(const ExprPtr &expr, unsigned level);
  /// What the text of a function asks of one of its parameters.
  struct ParameterRange {
    Range range;
    diag::Code code;
    std::string what;
  };
  std::map<const Local *, ParameterRange> parameterRanges;

private:
  Setting *settingOf(const ExprPtr &expr);
  bool isInfinite(const ExprPtr &number) const;
  bool isNamed(const ExprPtr &expr);
  bool isTooLong(const ExprPtr &expr, unsigned &left);

  Sheet &sheet;
  Findings &findings;
  Expressions &build;
  ReportTexts &reports;
};

/// What a setting is whose value a parameter takes.
Type::Element elementOf(const syntax::Param &param);

} // namespace advx::sema

#endif
