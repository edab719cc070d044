#include "app/BridgeProgram.h"

int main(int argc, char** argv) { return tsunagi::app::BridgeProgram().runProgram(argc, argv); }
