package io.lethean.lem.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Prompts for {@link LookupPairs}: tasks that repeat their input, prose that does not, and thousands of short mixed ones. */
final class LookupTasks {

    private static final List<String> NAMES =
            List.of("Maya", "Tomas", "Aiko", "Idris", "Lena", "Pavel", "Noor", "Bea", "Oskar", "Ines");
    private static final List<String> PLACES = List.of(
            "the harbour",
            "a small library",
            "the night train",
            "an old mill",
            "the vegetable market",
            "the school garden");
    private static final List<String> THINGS = List.of(
            "a brass compass", "two letters", "a broken radio", "seven apples", "a map of the coast", "an unpaid bill");
    private static final List<String> FEELINGS = List.of("calm", "worried", "proud", "curious", "tired");

    private LookupTasks() {}

    /** One task: what kind it is, and what the user says. */
    record Task(String kind, String prompt) {}

    static List<Task> all() {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tasks.add(new Task("JSON", jsonTask(i)));
            tasks.add(new Task("rewriting", rewritingTask(i)));
            tasks.add(new Task("prose", proseTask(i)));
        }
        return tasks;
    }

    private static String jsonTask(int number) {
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            records.append(i == 0 ? "" : ",\n  ")
                    .append("{\"id\": ")
                    .append(40 + 7 * i + number)
                    .append(", \"name\": \"")
                    .append(NAMES.get((number * 3 + i) % NAMES.size()))
                    .append("\", \"place\": \"")
                    .append(PLACES.get((number + i) % PLACES.size()))
                    .append("\", \"carries\": \"")
                    .append(THINGS.get((number + 2 * i) % THINGS.size()))
                    .append("\", \"paid\": false}");
        }
        String change = number % 2 == 0 ? "" : " Set paid to true in every record.";
        return "Here is a list of records as JSON:\n[" + records
                + "]\nWrite the complete list of records as JSON again." + change + " Write JSON only.";
    }

    private static String rewritingTask(int number) {
        String name = NAMES.get(number);
        String other = NAMES.get(number + 4);
        String text =
                name + " walked to " + PLACES.get(number) + " with " + THINGS.get(number) + " in the early morning. "
                        + "The rain had stopped an hour before, and the street was still wet. " + name
                        + " met an old friend there, who asked how the winter had been. They talked about the long nights, the price"
                        + " of bread, and the letter that never came. At noon " + name
                        + " went home and wrote everything down.";
        return switch (number % 2) {
            case 0 -> "Copy this text and correct spelling mistakes, if there are any:\n\n" + text;
            default -> "Write this text again, with the name " + other + " instead of " + name + ":\n\n" + text;
        };
    }

    private static String proseTask(int number) {
        return switch (number) {
            case 0 -> "Describe a morning at the harbour in a small town, for a reader who has never seen the sea.";
            case 1 -> "Explain why honesty matters between friends, and when it is hard.";
            case 2 -> "Tell a short story about a teacher who finds a broken radio in the school garden.";
            default -> "What should somebody think about before moving to another country?";
        };
    }

    /** A prompt of the list that the texts are compared on. */
    static String mixed(int number) {
        Random random = new Random(number);
        String name = NAMES.get(random.nextInt(NAMES.size()));
        String place = PLACES.get(random.nextInt(PLACES.size()));
        String thing = THINGS.get(random.nextInt(THINGS.size()));
        String feeling = FEELINGS.get(random.nextInt(FEELINGS.size()));
        String sentence = name + " left " + thing + " at " + place + " and felt " + feeling + ", on day "
                + random.nextInt(1000) + ".";
        return switch (number % 8) {
            case 0 -> "Repeat this sentence three times: " + sentence;
            case 1 -> "Write as JSON with the keys name, thing, place and feeling: " + sentence;
            case 2 -> "Correct this text: " + sentence + " " + sentence;
            case 3 -> "Who felt " + feeling + ", and why? " + sentence;
            case 4 -> "Continue the story. " + sentence;
            case 5 -> "Make a list of everything in this sentence: " + sentence;
            case 6 -> "Write a poem about " + thing + " and " + place + " for " + name + ".";
            default -> "Rewrite in the present tense: " + sentence;
        };
    }
}
