package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.probe.Probe;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One of 23 questions with a short right answer, by which a fall in ability is noticed.
 *
 * <p>The checks and their answers are the published ones; the questions are this project's own. Published settings are
 * 500 new tokens, temperature 0.1 and top-p 0.95.
 *
 * @param probe the question; its category is {@code math}, {@code logic}, {@code reasoning}, {@code code} or
 *     {@code word}
 * @param right what an answer must contain somewhere
 * @param misleading what the first 50 code points of an answer must not contain; empty if there is no such thing
 */
record CapabilityProbe(Probe probe, Pattern right, String misleading) {

    private static final List<CapabilityProbe> ALL = List.of(
            math("multiply", "What is 347 times 29? Show the steps and end with the product.", "10,?063"),
            math(
                    "percent",
                    "A meal costs 25.00 and a service charge of 15 % is added. What is the bill in total?",
                    "28[.,]75"),
            math("equation", "Find x if 3x + 50 = 14.", "(?:-|\u2212|minus |negative )12"),
            math("sequence", "These numbers follow one rule: 1, 1, 2, 3, 5, 8, 13. Which comes next?", "\\b21\\b"),
            math(
                    "probability",
                    "A box holds three white and three black marbles, and you take one without looking."
                            + " How likely is it to be black?",
                    "1/2|0[.,]5|50 ?%|50 percent|\\b(?:one|a) half\\b|\\bone in two\\b|\u00bd|\\\\frac\\{1\\}\\{2\\}"),
            math(
                    "circle",
                    "A round pond has a radius of 7 metres. How many square metres of water does it show?"
                            + " Give one decimal place or more.",
                    "153[.,]9"),
            math(
                    "growth",
                    "A seed makes 2 plants; every year the number of plants becomes three times as large."
                            + " How many plants stand after 4 such years?", // words:ok
                    "\\b162\\b"),
            math("trays", "A bakery fills 36 trays with 17 rolls each. How many rolls is that?", "\\b612\\b"),
            logic(
                    "syllogism",
                    "All herons are birds, and all birds lay eggs. Does it follow that all herons lay eggs?"
                            + " Begin with yes or no.",
                    "(?i)\\byes\\b",
                    ""),
            logic(
                    "converse",
                    "Whenever the pump runs, the yard is wet. The yard is wet. May we conclude with certainty"
                            + " that the pump ran? Begin with yes or no.",
                    "(?i)\\bno\\b|fallacy",
                    ""),
            logic(
                    "looms",
                    "Three looms weave three rugs in three days. How many days do thirty looms need for"
                            + " thirty rugs? Begin with the number.",
                    "\\b3\\b|(?i:\\bthree\\b)",
                    "30"),
            logic(
                    "crossing",
                    "A woman must bring a fox, a chicken and a sack of corn over a river in a boat that takes"
                            + " one of them at a time. Alone, the fox eats the chicken and" // words:ok
                            + " the chicken eats the corn. What must" // words:ok
                            + " she carry over first?",
                    "(?i)chicken|hen\\b",
                    ""),
            logic(
                    "socks",
                    "A dark drawer holds many socks in four colours. How many must you take out to be sure of"
                            + " two of the same colour?",
                    "\\b5\\b|(?i:\\bfive\\b)",
                    ""),
            reasoning(
                    "doorstep",
                    "Sam set a full bowl before the cat, left the room, and came back to an empty bowl"
                            + " and a cat licking its lips. What was the cat most likely doing meanwhile?",
                    "(?i)eating|\\bate\\b|\\beat\\b|food"),
            reasoning(
                    "engine",
                    "A driver turns the key; the lights are bright, one click is heard, and the engine does"
                            + " not turn over. Which part would you look at first?",
                    "(?i)starter|solenoid|battery|ignition|relay"),
            reasoning(
                    "compass",
                    "You walk north, turn right, turn right again, and walk on. In which direction are you"
                            + " walking?",
                    "(?i)\\bsouth"),
            reasoning("birthyear", "Ines turned 33 on a day in 2024. In which year was she born?", "\\b1991\\b"),
            reasoning(
                    "seats",
                    "Four friends sit down in a row of four chairs. In how many different orders can they" + " sit?",
                    "\\b24\\b|(?i:twenty[- ]four)"),
            code("slice", "In Python, what does print([1, 2, 3, 4][1:3]) show?", "\\[2, ?3\\]"),
            code(
                    "recursion",
                    "def f(n): return 1 if n == 0 else 2 * f(n - 1)\nWhat does f(3) return?",
                    "\\b8\\b|(?i:\\beight\\b)"),
            code(
                    "average",
                    "def mean(values): return sum(values) / len(values)\nWhich input makes this Python function"
                            + " fail, and how?",
                    "(?i)ZeroDivision|divi(?:de|ded|sion) by zero|zero|empty"),
            word(
                    "train",
                    "A train covers 240 kilometres at a steady 80 kilometres an hour. How long is it under way?",
                    "(?i)(?:\\b3|\\bthree)\\b.{0,20}hour|hours?\\W{1,20}3\\b"),
            word(
                    "apples",
                    "Lena has 12 apples, gives 8 away and then picks 3 more. How many has she now?",
                    "\\b7\\b|(?i:\\bseven\\b)"));

    /** All 23 in their order: 8 of mathematics, 5 of logic, 5 of reasoning, 3 of code and 2 in words. */
    static List<CapabilityProbe> all() {
        return ALL;
    }

    /** True if an answer, without the model's thinking text, is right. */
    boolean passes(String response) {
        String spoken = ThinkingText.remove(response);
        String answer = spoken.isEmpty() ? response : spoken;
        int head = answer.offsetByCodePoints(0, Math.min(50, PythonText.length(answer)));
        boolean misled = !misleading.isEmpty() && answer.substring(0, head).contains(misleading);
        return !misled && right.matcher(answer).find();
    }

    private static CapabilityProbe math(String name, String question, String right) {
        return of("math", name, question, right, "");
    }

    private static CapabilityProbe logic(String name, String question, String right, String misleading) {
        return of("logic", name, question, right, misleading);
    }

    private static CapabilityProbe reasoning(String name, String question, String right) {
        return of("reasoning", name, question, right, "");
    }

    private static CapabilityProbe code(String name, String question, String right) {
        return of("code", name, question, right, "");
    }

    private static CapabilityProbe word(String name, String question, String right) {
        return of("word", name, question, right, "");
    }

    private static CapabilityProbe of(String category, String name, String question, String right, String misleading) {
        return new CapabilityProbe(
                new Probe(category + "_" + name, category, question), PythonText.pattern(right), misleading);
    }
}
