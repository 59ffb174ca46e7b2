//===- ReportText.h - Texts of the page at the numbers that ran ------------===//
//
// What a page says of an attack, `pgd(steps = 20, step = 1/100)`, names settings.
// A report shows each as the page writes it where its value is the page's, and
// else the value that ran.
//
//===----------------------------------------------------------------------===//

#ifndef ADVX_RUNTIME_REPORT_REPORTTEXT_H
#define ADVX_RUNTIME_REPORT_REPORTTEXT_H

#include "runtime/core/Settings.h"

namespace advx::runtime {

std::string render(const ReportText &text, const Settings &settings, const Clock &clock);
/// Every text under its key.
std::vector<std::pair<std::string, std::string>>
render(const std::vector<std::pair<std::string, ReportText>> &report, const Settings &settings,
       const Clock &clock);

/// Path and value of the settings that do not have the page's value, for a reader.
std::vector<std::pair<std::string, std::string>> changedSettings(const Manifest &manifest,
                                                                 const Settings &settings);

} // namespace advx::runtime

#endif // ADVX_RUNTIME_REPORT_REPORTTEXT_H
