// Refuses JSON Schemas for which the converter to grammars would exhaust the stack or memory, or take extremely long.
#pragma once

#include "json-schema.h"
#include "json.h"

#include <string>

namespace lem {

// Before parsing: length and nesting. Throws std::invalid_argument, as the others do.
void check_schema_text(const std::string & text);
// Before the converter reads it: how much it will make of it.
void check_schema_json(const common_json & schema);
// Before it writes rules: references that lead back to themselves.
void check_schema_nodes(const common_chat_schema_document & schema);

}  // namespace lem
