#include "app/commands.h"

int main(int argc, char** argv) { return omakase::app::run(argc, argv); }
