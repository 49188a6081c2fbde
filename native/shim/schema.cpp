#include "deep_stack.h"
#include "error.h"
#include "printed_capture.h"
#include "schema_check.h"

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

static void log_warnings(const std::string & text) {
    ggml_log_callback callback = nullptr;
    void *            data     = nullptr;
    llama_log_get(&callback, &data);
    if (!text.empty() && callback != nullptr) {
        callback(GGML_LOG_LEVEL_WARN, text.c_str(), data);
    }
}

static const size_t MAX_GRAMMAR_BYTES = (size_t) 16 * 1024 * 1024;

static std::string grammar_of(const std::string & schema_text) {
    lem::check_schema_text(schema_text);
    std::string grammar;
    std::string left_out;
    lem::on_deep_stack([&] {
        lem_capture_printed(&left_out);
        const common_json schema = common_json::parse(schema_text);
        lem::check_schema_json(schema);
        const common_chat_schema_document nodes = common_chat_schema_from_json(schema);
        lem::check_schema_nodes(nodes);
        grammar = json_schema_to_grammar(nodes);
    });
    // On the thread of the caller, who looks for log lines there.
    log_warnings(left_out);
    return grammar;
}

int32_t lem_json_schema_to_grammar(
        const char * schema, size_t schema_len, char * buf, size_t buf_size, char * error, size_t error_size) {
    const lem::error_sink sink { error, error_size };
    return lem::guarded(sink, (int32_t) LEM_STATUS_EXCEPTION, [&]() -> int32_t {
        if (schema == nullptr || (buf == nullptr && buf_size > 0)) {
            return lem::fail(sink, LEM_STATUS_BAD_ARGUMENT, "no schema or no room for the grammar was given");
        }
        const std::string grammar = grammar_of(std::string(schema, schema_len));
        if (grammar.size() > MAX_GRAMMAR_BYTES) {
            return lem::fail(sink, LEM_STATUS_BAD_ARGUMENT, "the schema's grammar would be longer than 16 MiB");
        }
        if (grammar.size() > buf_size) {
            return -(int32_t) grammar.size();
        }
        std::memcpy(buf, grammar.data(), grammar.size());
        return (int32_t) grammar.size();
    });
}
