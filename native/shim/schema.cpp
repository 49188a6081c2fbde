#include "deep_stack.h"
#include "error.h"

#include "common.h"
#include "json-schema-to-grammar.h"

#include <cstring>

// The three functions of llama.cpp's common library that the converter calls; the rest of that library stays out.

std::string string_join(const std::vector<std::string> & values, const std::string & separator) {
    std::string joined;
    for (size_t i = 0; i < values.size(); i++) {
        joined += i == 0 ? values[i] : separator + values[i];
    }
    return joined;
}

std::vector<std::string> string_split(const std::string & str, const std::string & delimiter) {
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t end; (end = str.find(delimiter, begin)) != std::string::npos; begin = end + delimiter.size()) {
        parts.push_back(str.substr(begin, end - begin));
    }
    parts.push_back(str.substr(begin));
    return parts;
}

std::string string_repeat(const std::string & str, size_t n) {
    std::string repeated;
    repeated.reserve(str.size() * n);
    for (size_t i = 0; i < n; i++) {
        repeated += str;
    }
    return repeated;
}

int32_t lem_json_schema_to_grammar(
        const char * schema, size_t schema_len, char * buf, size_t buf_size, char * error, size_t error_size) {
    const lem::error_sink sink { error, error_size };
    return lem::guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (schema == nullptr || (buf == nullptr && buf_size > 0)) {
            return lem::fail(sink, LEM_STATUS_BAD_ARGUMENT, "no schema or no room for the grammar was given");
        }
        if (schema_len > 1024 * 1024) {
            return lem::fail(sink, LEM_STATUS_BAD_ARGUMENT, "the schema is longer than 1 MiB");
        }
        std::string grammar;
        lem::on_deep_stack([&] {
            grammar = json_schema_to_grammar(common_json::parse(std::string(schema, schema_len)), true);
        });
        if (grammar.size() > buf_size) {
            return -(int32_t) grammar.size();
        }
        std::memcpy(buf, grammar.data(), grammar.size());
        return (int32_t) grammar.size();
    });
}
