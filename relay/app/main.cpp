#include "relay/app/RelayProgram.h"

int main(int argc, char** argv) { return tsunagi::relay::RelayProgram().runProgram(argc, argv); }
