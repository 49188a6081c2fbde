#include "schema_check.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <unordered_map>

namespace lem {

static const size_t   MAX_BYTES       = 1024 * 1024;
static const int      MAX_NESTING     = 64;
static const uint64_t MAX_WEIGHT      = 20000;
static const uint64_t MAX_REF_WEIGHT  = 4 * 1000 * 1000;
static const uint64_t MAX_RULES       = 100000;
static const size_t   MAX_PROPERTIES  = 500;
static const size_t   MAX_NAME_BYTES  = 200;
static const size_t   MAX_TEXT_BYTES  = 4096;

[[noreturn]] static void refuse(const std::string & message) {
    throw std::invalid_argument(message);
}

[[noreturn]] static void refuse_more_than(const std::string & what, uint64_t limit) {
    refuse("the schema " + what + " more than " + std::to_string(limit));
}

void check_schema_text(const std::string & text) {
    if (text.size() > MAX_BYTES) {
        refuse("the schema is longer than " + std::to_string(MAX_BYTES) + " bytes");
    }
    int  depth     = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size(); i++) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > MAX_NESTING) {
                refuse("the schema is nested deeper than " + std::to_string(MAX_NESTING));
            }
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
}

namespace {

// Counts what the converter makes from a JSON value. The converter copies a schema once for each entry of a "type"
// list, again on every level, and builds the target of every reference.
struct weigher {
    uint64_t n_refs = 0;

    uint64_t weigh(const common_json & value) {
        uint64_t weight = 1;
        if (value.is_array()) {
            for (const auto & item : value) {
                weight = add(weight, weigh(item));
            }
        } else if (value.is_object()) {
            for (const auto & entry : value.items()) {
                check_entry(entry.key(), entry.value());
                weight = add(weight, weigh(entry.value()));
            }
            if (value.contains("type") && value.at("type").is_array()) {
                weight = multiply(weight, std::max<uint64_t>(1, value.at("type").size()));
            }
        }
        return weight;
    }

    void check_entry(const std::string & key, const common_json & value) {
        if (key == "$ref") {
            n_refs++;
        }
        if ((key == "$ref" || key == "pattern") && value.is_string() &&
            value.get<std::string>().size() > MAX_TEXT_BYTES) {
            refuse("the schema has a " + key + " of more than " + std::to_string(MAX_TEXT_BYTES) + " bytes");
        }
        if (key == "properties" && value.is_object()) {
            check_properties(value);
        }
    }

    static void check_properties(const common_json & properties) {
        if (properties.size() > MAX_PROPERTIES) {
            refuse_more_than("has an object with a number of properties of", MAX_PROPERTIES);
        }
        for (const auto & entry : properties.items()) {
            if (entry.key().size() > MAX_NAME_BYTES) {
                refuse("the schema has a property name of more than " + std::to_string(MAX_NAME_BYTES) + " bytes");
            }
        }
    }

    static uint64_t add(uint64_t a, uint64_t b) {
        if (a + b > MAX_WEIGHT) {
            refuse_more_than("stands for a number of parts of", MAX_WEIGHT);
        }
        return a + b;
    }

    static uint64_t multiply(uint64_t a, uint64_t b) {
        if (b > MAX_WEIGHT || a * b > MAX_WEIGHT) {
            refuse_more_than("stands for a number of parts of", MAX_WEIGHT);
        }
        return a * b;
    }
};

// Follows the converter through the schema without writing rules. It writes each referenced schema once, but copies the
// properties of the parts of an "allOf" into it, through references and as often as they occur.
class follower {
    enum state : char { NEW, OPEN, DONE };
    struct visit {
        state    reached = NEW;
        uint64_t rules   = 1;
    };
    std::unordered_map<const common_chat_schema *, visit> visits;

    template <typename Kind> static const Kind & as(const common_chat_schema & node) {
        return static_cast<const Kind &>(node);
    }

public:
    uint64_t rules_of(const common_chat_schema & node) {
        visit & known = visits[&node];
        if (known.reached == DONE) {
            return known.rules;
        }
        if (known.reached == OPEN) {
            refuse("the schema has an allOf that contains itself through a $ref");
        }
        known.reached  = OPEN;
        uint64_t rules = 1;
        switch (node.kind()) {
            case common_chat_schema::KIND_ANY_OF:
                for (const auto & child : as<common_chat_schema_any_of>(node).children) {
                    rules = sum(rules, rules_of(*child));
                }
                break;
            case common_chat_schema::KIND_ALL_OF:
                for (const auto & child : as<common_chat_schema_all_of>(node).children) {
                    rules = sum(rules, rules_of_part(*child));
                }
                break;
            case common_chat_schema::KIND_TUPLE:
                for (const auto & item : as<common_chat_schema_tuple>(node).items) {
                    rules = sum(rules, rules_of(*item));
                }
                break;
            case common_chat_schema::KIND_ARRAY:
                rules = sum(rules, rules_of(*as<common_chat_schema_array>(node).items));
                break;
            case common_chat_schema::KIND_OBJECT:
                rules = sum(rules, rules_of_properties(node));
                if (as<common_chat_schema_object>(node).additional_properties) {
                    rules = sum(rules, rules_of(*as<common_chat_schema_object>(node).additional_properties));
                }
                break;
            default:
                break;
        }
        known = { DONE, rules };
        return rules;
    }

private:
    uint64_t rules_of_part(const common_chat_schema & part) {
        if (part.kind() != common_chat_schema::KIND_ANY_OF) {
            return rules_of_component(part);
        }
        uint64_t rules = 1;
        for (const auto & alternative : as<common_chat_schema_any_of>(part).children) {
            rules = sum(rules, rules_of_component(*alternative));
        }
        return rules;
    }

    uint64_t rules_of_component(const common_chat_schema & component) {
        const common_chat_schema * target = &component;
        for (int hops = 0; target != nullptr && target->kind() == common_chat_schema::KIND_REF; hops++) {
            if (hops == MAX_NESTING) {
                refuse("the schema has a $ref that leads to no schema within " + std::to_string(MAX_NESTING) + " steps");
            }
            target = as<common_chat_schema_ref>(*target).target;
        }
        if (target == nullptr || target->kind() != common_chat_schema::KIND_OBJECT) {
            return 1;
        }
        return rules_of_properties(*target);
    }

    uint64_t rules_of_properties(const common_chat_schema & object) {
        uint64_t rules = 1;
        for (const auto & property : as<common_chat_schema_object>(object).properties) {
            rules = sum(rules, rules_of(*property.schema));
        }
        return rules;
    }

    static uint64_t sum(uint64_t a, uint64_t b) {
        if (a + b > MAX_RULES) {
            refuse_more_than("needs a number of grammar rules of", MAX_RULES);
        }
        return a + b;
    }
};

}  // namespace

void check_schema_json(const common_json & schema) {
    weigher        scale;
    const uint64_t weight = scale.weigh(schema);
    if (weight * scale.n_refs > MAX_REF_WEIGHT) {
        refuse("the schema is too large for its " + std::to_string(scale.n_refs) + " references");
    }
}

void check_schema_nodes(const common_chat_schema_document & schema) {
    follower walk;
    uint64_t rules = walk.rules_of(*schema.root);
    for (const auto & entry : schema.refs) {
        rules += walk.rules_of(*entry.second);
        if (rules > MAX_RULES) {
            refuse_more_than("needs a number of grammar rules of", MAX_RULES);
        }
    }
}

}  // namespace lem
