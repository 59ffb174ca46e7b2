#include "runtime/cli/Commands.h"

int main(int argc, char **argv) { return advx::runtime::runCommandLine(advx_program, argc, argv); }
