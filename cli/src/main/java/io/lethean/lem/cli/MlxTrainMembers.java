package io.lethean.lem.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Members of mlx-lm's configuration that are structures there and single options here: the schedule of the learning rate,
 * the settings of the optimizers, and the names of the layers to adapt.
 *
 * @param file named in messages
 */
record MlxTrainMembers(Path file) {

    private static final Map<String, String> TARGETS = Map.of(
            "q_proj", "q",
            "k_proj", "k",
            "v_proj", "v",
            "o_proj", "o",
            "gate_proj", "gate",
            "up_proj", "up",
            "down_proj", "down");

    /** Initial rate, steps and final rate, in the order that mlx has them. */
    private static final Map<String, List<Integer>> SCHEDULES =
            Map.of("cosine_decay", List.of(0, 1, 2), "linear_schedule", List.of(0, 2, 1));

    /**
     * The options that a schedule corresponds to.
     *
     * @param updates of the training, which the schedule must cover; it ends with the training here
     */
    Map<String, String> schedule(JsonNode schedule, int updates) {
        requireMembers("lr_schedule", schedule, List.of("name", "arguments", "warmup", "warmup_init"));
        String name = schedule.path("name").asString("");
        JsonNode arguments = schedule.path("arguments");
        List<Integer> order = SCHEDULES.get(name);
        if (order == null) {
            throw refusal("lr_schedule names " + name + ", and only cosine_decay and linear_schedule can be used");
        }
        if (arguments.size() < 2 || arguments.size() > 3 || !onlyNumbers(arguments)) {
            throw refusal("lr_schedule has the arguments " + arguments + ", which should be two or three numbers");
        }
        if (schedule.path("warmup_init").asDouble(0) != 0) {
            throw refusal("lr_schedule has warmup_init " + schedule.path("warmup_init")
                    + ", and the rate always rises from 0 here; write 0");
        }
        int warmup = schedule.path("warmup").asInt(0);
        double steps = arguments.path(order.get(1)).asDouble(updates);
        if (steps != updates && steps != updates - warmup) {
            throw refusal("lr_schedule falls over " + arguments.path(order.get(1)) + " steps, and the training has "
                    + updates + " updates; the rate falls until the end of the training here, so write " + updates);
        }
        Map<String, String> options = new LinkedHashMap<>();
        options.put("lr-schedule", name.startsWith("cosine") ? "cosine" : "linear");
        options.put("learning-rate", arguments.path(order.get(0)).asString());
        options.put("final-learning-rate", arguments.path(order.get(2)).asString("0"));
        options.put("warmup", Integer.toString(warmup));
        return options;
    }

    private static boolean onlyNumbers(JsonNode array) {
        for (JsonNode element : array) {
            if (!element.isNumber()) {
                return false;
            }
        }
        return true;
    }

    /** The matrices to adapt, by the names that {@code --targets} has. */
    String targets(JsonNode keys) {
        List<String> targets = new ArrayList<>();
        for (JsonNode key : keys) {
            String path = key.asString("");
            String target = TARGETS.get(path.substring(path.lastIndexOf('.') + 1));
            if (target == null) {
                throw refusal("lora_parameters has the key " + path + ", which is not one of the matrices that can be"
                        + " adapted: "
                        + String.join(", ", TARGETS.keySet().stream().sorted().toList()));
            }
            if (!targets.contains(target)) {
                targets.add(target);
            }
        }
        return String.join(",", targets);
    }

    /** The weight decay of the optimizer that is used, which is the only setting that can be given. */
    Map<String, String> optimizer(JsonNode settings, String used) {
        JsonNode own = settings.path(used);
        if (own.isMissingNode() || own.isNull()) {
            return Map.of();
        }
        requireMembers("optimizer_config", own, List.of("weight_decay"));
        return own.has("weight_decay")
                ? Map.of("weight-decay", own.path("weight_decay").asString())
                : Map.of();
    }

    private void requireMembers(String what, JsonNode object, List<String> known) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!known.contains(member.getKey())) {
                throw refusal(what + " has a member " + member.getKey() + ", which cannot be used here; it can have "
                        + String.join(", ", known));
            }
        }
    }

    private IllegalArgumentException refusal(String problem) {
        return new IllegalArgumentException(file + ": " + problem + ".");
    }
}
