#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"
#include "base/UniqueFd.h"

namespace tsunagi::responder {

// The rules of S19 for what may be loaded as code: a plugin is a plain file <folder>/<name>.so; both belong to root or
// to the user of this process and nobody else may write to them. The descriptor that was checked is the one that is
// loaded.

// 1 to 32 of a-z, 0-9, '_' and '-'.
bool isPluginName(std::string_view name);

// Opens the file for reading after all checks. The error is one line for the operator.
Result<UniqueFd> openPluginFile(const std::string& folder, const std::string& name);

// Names of the .so files in the folder, sorted; empty when it cannot be read.
std::vector<std::string> pluginNamesIn(const std::string& folder);

}  // namespace tsunagi::responder
