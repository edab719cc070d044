#include "tools/linesim/app/LinesimProgram.h"

int main(int argc, char** argv) { return tsunagi::linesim::LinesimProgram().runProgram(argc, argv); }
