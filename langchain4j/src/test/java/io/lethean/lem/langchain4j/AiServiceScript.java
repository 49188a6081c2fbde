package io.lethean.lem.langchain4j;

import io.lethean.lem.Message;
import io.lethean.lem.model.GenerationRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Says what LangChain4j's suites for AI services expect a capable model to say. */
final class AiServiceScript {

    /** Part of a question, and the calls that answer it. The first part that occurs in the question counts. */
    private static final Map<String, String> CALLS = new LinkedHashMap<>();

    static {
        String add = ScriptedModel.call("add", "{\"arg0\": 37, \"arg1\": 87}");
        CALLS.put("73 plus 78", add + "\n" + ScriptedModel.call("add", "{\"arg0\": 73, \"arg1\": 78}"));
        CALLS.put("37 plus 87", add);
        CALLS.put("Now add 47", ScriptedModel.call("add", "{\"arg0\": 124, \"arg1\": 47}"));
        CALLS.put("First add 2 and 3", ScriptedModel.call("add", "{\"arg0\": 2, \"arg1\": 3}"));
        CALLS.put(
                "Klaus is 37 years old",
                process("{\"name\": \"Klaus\", \"age\": 37, \"height\": 1.78, \"married\": false}"));
        CALLS.put("Langley Falls", process("{\"name\": \"Klaus\", \"address\": {\"city\": \"Langley Falls\"}}"));
        CALLS.put(
                "Francine has 2 children",
                process("{\"name\": \"Francine\", \"children\": [{\"name\": \"Steve\", \"children\": []},"
                        + " {\"name\": \"Hayley\", \"children\": []}]}"));
        CALLS.put("time now", ScriptedModel.call("currentTime", "{}"));
        CALLS.put("date today", ScriptedModel.call("currentDate", "{}"));
        CALLS.put("celsius", ScriptedModel.call("currentTemperature", "{\"arg0\": \"Munich\", \"arg1\": \"CELSIUS\"}"));
        CALLS.put("Klaus is 42", process("{\"Klaus\": 42, \"Francine\": 47}"));
        CALLS.put("names: Klaus", ScriptedModel.call("processNames", "{\"arg0\": [\"Klaus\", \"Franny\"]}"));
        CALLS.put("RED and GREEN", process("[\"RED\", \"GREEN\"]"));
        CALLS.put("37, 73", ScriptedModel.call("processNumbers", "{\"arg0\": [37, 73]}"));
        CALLS.put("people: Klaus", process("[{\"name\": \"Klaus\"}, {\"name\": \"Franny\"}]"));
        CALLS.put(
                "username with ID",
                ScriptedModel.call("getUsernameFromId", "{\"arg0\": \"62dbcc27-aaf3-449a-b12d-5a904271a57f\"}"));
        CALLS.put("modify", ScriptedModel.call("modify", "{\"arg0\": 7}"));
        CALLS.put("Take a photo", ScriptedModel.call("takePhoto", "{}"));
        CALLS.put("getWeather", ScriptedModel.call("getWeather", "{\"arg0\": \"Munich\"}"));
        CALLS.put("capital of Germany", "Berlin.");
    }

    /** Part of a question, and its answers in several forms. The first form counts that has the members of the schema. */
    private static final Map<String, List<String>> FACTS = new LinkedHashMap<>();

    static {
        String klaus = "{\"name\": \"Klaus\", \"age\": 37, \"height\": 1.78, \"married\": false}";
        FACTS.put("Staniel", List.of("{\"values\": [\"SINGLE\", \"MARRIED\", \"MARRIED\"]}"));
        FACTS.put(
                "Franny",
                List.of(
                        "{\"value\": 2}",
                        "{\"values\": [\"Klaus\", \"Franny\"]}",
                        "{\"values\": [" + klaus
                                + ", {\"name\": \"Franny\", \"age\": 35, \"height\": 1.65, \"married\": true}]}"));
        FACTS.put("Klaus is 37 years old", List.of(klaus, "{\"value\": \"SINGLE\"}"));
        FACTS.put("missing fields", List.of("{\"name\": \"Klaus\"}"));
        FACTS.put(
                "Langley Falls",
                List.of("{\"name\": \"Klaus\", \"shippingAddress\": {\"city\": \"Langley Falls\"}, \"billingAddress\":"
                        + " {\"city\": \"New York\"}}"));
        FACTS.put("Klaus is single", List.of("{\"name\": \"Klaus\", \"maritalStatus\": \"SINGLE\"}"));
        FACTS.put("orange and green", List.of("{\"name\": \"Klaus\", \"favouriteColors\": [\"orange\", \"green\"]}"));
        FACTS.put(
                "Peanut", List.of("{\"name\": \"Klaus\", \"pets\": [{\"name\": \"Peanut\"}, {\"name\": \"Muffin\"}]}"));
        FACTS.put("groups A and C", List.of("{\"name\": \"Klaus\", \"groups\": [\"A\", \"C\"]}"));
        String date = "{\"year\": 1976, \"month\": 8, \"day\": 12}";
        String time = "{\"hour\": 14, \"minute\": 43, \"second\": 0, \"nano\": 0}";
        FACTS.put(
                "14:43",
                List.of("{\"name\": \"Klaus\", \"birthDate\": " + date + ", \"birthTime\": " + time
                        + ", \"birthDateTime\": {\"date\": " + date + ", \"time\": " + time + "}}"));
        FACTS.put("Klaus and Francine", List.of("{\"values\": [{\"name\": \"Klaus\"}, {\"name\": \"Francine\"}]}"));
        FACTS.put(
                "Francine has 2 children",
                List.of("{\"name\": \"Francine\", \"children\": [{\"name\": \"Steve\", \"children\": []},"
                        + " {\"name\": \"Hayley\", \"children\": []}]}"));
        FACTS.put("following ID", List.of("{\"name\": \"Klaus\", \"id\": \"567b229a-6b0a-4f1e-9006-448cd9dfbfda\"}"));
        FACTS.put("37-year-old man", List.of("{\"value\": true}"));
        FACTS.put("-0.5", List.of("{\"value\": -0.5}"));
        FACTS.put("sunny and windy", List.of("{\"values\": [\"SUNNY\", \"WINDY\", \"RAINY\", \"CLOUDY\"]}"));
        String rex = "{\"type\": \"Dog\", \"name\": \"Rex\", \"breed\": \"Labrador\"}";
        FACTS.put("Alice owns", List.of("{\"name\": \"Alice\", \"pet\": " + rex + "}"));
        FACTS.put(
                "Whiskers",
                List.of("{\"values\": [" + rex + ", {\"type\": \"Cat\", \"name\": \"Whiskers\", \"indoor\": true}]}"));
        FACTS.put("Rex is a Labrador", List.of("{\"value\": " + rex + "}"));
        String sum = "{\"type\": \"Addition\", \"left\": {\"type\": \"Constant\", \"value\": 1}, \"right\":"
                + " {\"type\": \"Constant\", \"value\": 2}}";
        FACTS.put(
                "1+2+3",
                List.of("{\"value\": {\"type\": \"Addition\", \"left\": " + sum
                        + ", \"right\": {\"type\": \"Constant\", \"value\": 3}}}"));
        FACTS.put("extract", List.of("{\"name\": \"Klaus\"}"));
        FACTS.put("Extract", List.of("{\"name\": \"Klaus\"}"));
    }

    private AiServiceScript() {}

    static Answerer answerer() {
        return ScriptedModel.answering(AiServiceScript::say);
    }

    private static String process(String argument) {
        return ScriptedModel.call("process", "{\"arg0\": " + argument + "}");
    }

    private static String say(GenerationRequest.Chat request) {
        List<Message> messages = request.messages();
        int asked = messages.size() - 1;
        while (!messages.get(asked).role().equals("user")) {
            asked--;
        }
        String question = messages.get(asked).content();
        if (request.options().jsonSchema().isPresent()) {
            return json(question, request.options().jsonSchema().get());
        }
        List<Message> results = messages.subList(asked + 1, messages.size()).stream()
                .filter(message -> message.role().equals("tool"))
                .toList();
        if (results.size() == 1 && question.contains("'multiply'")) {
            return ScriptedModel.call("multiply", "{\"arg0\": 5, \"arg1\": 4}");
        }
        if (!results.isEmpty() && question.contains("getWeather")) {
            return "{\"city\": \"Munich\", \"weather\": \"SUNNY\"}";
        }
        if (!results.isEmpty()) {
            return results.stream().map(Message::content).collect(Collectors.joining(", ", "The tools say: ", "."));
        }
        return first(CALLS, question);
    }

    private static <T> T first(Map<String, T> answers, String question) {
        return answers.entrySet().stream()
                .filter(answer -> question.contains(answer.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new AssertionError("The script has no answer to: " + question));
    }

    private static String json(String question, String schema) {
        return first(FACTS, question).stream()
                .filter(form -> fits(
                        JsonMapper.shared().readTree(schema),
                        JsonMapper.shared().readTree(form)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("The script has no form of " + schema + " for: " + question));
    }

    /** Whether the schema knows all members of an object, by their names and the kinds of their values. */
    private static boolean fits(JsonNode schema, JsonNode value) {
        if (value.isObject() && schema.has("properties")) {
            return value.propertyStream()
                    .allMatch(member -> schema.get("properties").has(member.getKey())
                            && fits(schema.get("properties").get(member.getKey()), member.getValue()));
        }
        if (value.isArray()) {
            return schema.path("type").asString("").equals("array") && fits(schema.get("items"), value.get(0));
        }
        if (schema.has("enum")) {
            return schema.get("enum").valueStream().anyMatch(value::equals);
        }
        return switch (schema.path("type").asString("")) {
            case "string" -> value.isString();
            case "object" -> value.isObject();
            case "array" -> false;
            default -> !value.isString() || schema.path("type").isMissingNode();
        };
    }
}
