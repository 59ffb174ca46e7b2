#ifndef ADVX_SEMA_EXPERIMENT_REPORTTEXTS_H
#define ADVX_SEMA_EXPERIMENT_REPORTTEXTS_H

#include "compiler/sema/scopes/Values.h"

#include <map>
#include <string>

namespace advx::sema {

class Expressions;
class Program;
class Sheet;

/// Texts of the page in which settings stand for their values.
class ReportTexts {
public:
  ReportTexts(const Program &program, Sheet &sheet, Expressions &build)
      : program(program), sheet(sheet), build(build) {}

  /// Remembers that a number of the page stands at `span`.
  void noteNumber(Span span, const ExprPtr &value);
  /// The text at `span` with the numbers that were noted inside it.
  ReportText reportText(Span span) const;
  /// A number of the page in digits: as written, or what the text comes to; empty where
  /// the clock decides.
  std::string reportNumber(const ExprPtr &value, const std::string &text);
  /// `value` as a piece, or what is written at `span`.
  ReportText reportValue(const Value &value, Span span) const;
  /// Forgets the numbers: a text that several lines use has other ones in each.
  void forget() { notedNumbers.clear(); }

private:
  const Program &program;
  Sheet &sheet;
  Expressions &build;
  /// Numbers of the text that is being read, by file and offset: where they end, and what they are.
  std::map<std::pair<uint32_t, uint32_t>, std::pair<uint32_t, ExprPtr>> notedNumbers;
};

} // namespace advx::sema

#endif
