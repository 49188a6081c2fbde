// Test-only program: renders chat templates with the Jinja engine of the pinned llama.cpp source, so that the Java engine
// has something independent to agree with. It is never packaged: that engine can be made to crash by a hostile template.
//
// One JSON object a line on stdin:
//   {"path": FILE} or {"template": TEXT}, "context": {variable: value, ...}, optional "now": seconds since 1970
// One JSON object a line on stdout:
//   {"ok": true, "text": TEXT} or {"ok": false, "error": TEXT}
// strftime_now answers in the time zone of the environment variable TZ.

#include "jinja/lexer.h"
#include "jinja/parser.h"
#include "jinja/runtime.h"
#include "json.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

// The JSON wrapper refers to this one function of ggml; linking ggml for it would be a long way round.
extern "C" void ggml_abort(const char * file, int line, const char * format, ...) {
    va_list args;
    va_start(args, format);
    std::fprintf(stderr, "%s:%d: ", file, line);
    std::vfprintf(stderr, format, args);
    std::fputc('\n', stderr);
    va_end(args);
    std::abort();
}

static std::string read_file(const std::string & path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path);
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// Bytes above 0x7f pass as they are, because the engine may cut a character in two and the answer should still show it.
static std::string quoted(const std::string & text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
            out += escape;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

static std::string render(const common_json & request) {
    const std::string source = request.contains("path")
        ? read_file(request.at("path").get<std::string>())
        : request.at("template").get<std::string>();

    jinja::lexer lexer;
    const jinja::program program = jinja::parse_from_tokens(lexer.tokenize(source));

    jinja::context context(source);
    if (request.contains("now")) {
        context.current_time = static_cast<std::time_t>(request.at("now").get<int64_t>());
    }
    jinja::global_from_json(context, request.at("context"), false);

    jinja::runtime runtime(context);
    const jinja::value result = runtime.execute(program);
    return jinja::runtime::gather_string_parts(result)->as_string().str();
}

static std::string answer(const std::string & line) {
    try {
        return "{\"ok\": true, \"text\": " + quoted(render(common_json::parse(line))) + "}";
    } catch (const std::exception & e) {
        return "{\"ok\": false, \"error\": " + quoted(e.what()) + "}";
    }
}

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::cout << answer(line) << std::endl;
    }
    return 0;
}
