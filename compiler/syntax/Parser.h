#ifndef ADVX_COMPILER_SYNTAX_PARSER_H
#define ADVX_COMPILER_SYNTAX_PARSER_H

#include "compiler/diagnostics/Diagnostic.h"
#include "compiler/syntax/AST.h"

#include <string>
#include <vector>

namespace advx::syntax {

/// Parses one file of `sources`. Errors go to `engine`; what they touch is left
/// out of the result, the rest is complete, so that a caller may still look at
/// it but must not build from a file with errors. Allow comments of the file
/// are handed to the engine before it returns.
File parse(const SourceManager &sources, uint32_t fileIndex, diag::Engine &engine);

/// Every ambiguity of the grammar that this file shows, one line each, found with
/// ANTLR's exact detection. For the tests of the grammar; slower than parse.
std::vector<std::string> findAmbiguities(const SourceManager &sources, uint32_t fileIndex);

/// The tree as indented text, stable across versions of the compiler. With
/// `spans`, each node is followed by its first and last place as line:column.
std::string dump(const File &file, const SourceManager &sources, bool spans = true);

/// The tree as .advx text that parses to the same tree. Comments other than
/// `///` are not kept.
std::string print(const File &file);
std::string print(const Expr &expr);

} // namespace advx::syntax

#endif // ADVX_COMPILER_SYNTAX_PARSER_H
