# Writes OUTPUT, the definition of advx::diag::explain, from the pages in FOLDER.
# Called at build time: cmake -DFOLDER=… -DOUTPUT=… -P EmbedPages.cmake

file(GLOB pages ${FOLDER}/ADVX*.md)
list(SORT pages)
set(text "// Made from docs/diagnostics by EmbedPages.cmake.\n\n")
string(APPEND text "#include \"compiler/diagnostics/Explain.h\"\n\nnamespace advx::diag {\n\n")
string(APPEND text "std::string_view explain(Code code) {\n  const std::string_view id = info(code).id;\n")
foreach(page IN LISTS pages)
  get_filename_component(id ${page} NAME_WE)
  file(READ ${page} content)
  string(APPEND text "  if (id == \"${id}\")\n    return R\"page(${content})page\";\n")
endforeach()
string(APPEND text "  return {};\n}\n\n} // namespace advx::diag\n")
file(WRITE ${OUTPUT} "${text}")
