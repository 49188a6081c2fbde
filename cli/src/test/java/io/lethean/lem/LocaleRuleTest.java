package io.lethean.lem;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.NumberFormat;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * No text of ours depends on the locale of the machine: in some, {@code %d} has other digits, {@code %.1f} a comma, and
 * {@code toLowerCase} another i, which would end up in file names, data and identifiers.
 */
class LocaleRuleTest {

    private static final String CONSTRUCTOR = "<init>";

    /** Methods that ask for the default locale unless a parameter says otherwise. */
    private static final Map<String, Set<String>> FORMATTING = Map.ofEntries(
            Map.entry("java.lang.String", Set.of("format", "formatted", "toLowerCase", "toUpperCase")),
            Map.entry("java.io.PrintStream", Set.of("format", "printf")),
            Map.entry("java.io.PrintWriter", Set.of("format", "printf")),
            Map.entry("java.io.Console", Set.of("format", "printf", "readLine", "readPassword")),
            Map.entry("java.util.Formatter", Set.of(CONSTRUCTOR)),
            Map.entry("java.util.Scanner", Set.of(CONSTRUCTOR)),
            Map.entry("java.util.Locale", Set.of("getDefault")),
            Map.entry("java.text.DecimalFormat", Set.of(CONSTRUCTOR)),
            Map.entry("java.text.DecimalFormatSymbols", Set.of(CONSTRUCTOR, "getInstance")),
            Map.entry("java.text.MessageFormat", Set.of(CONSTRUCTOR, "format")),
            Map.entry("java.text.SimpleDateFormat", Set.of(CONSTRUCTOR)),
            Map.entry("java.text.ChoiceFormat", Set.of(CONSTRUCTOR)),
            Map.entry(
                    "java.text.NumberFormat",
                    Set.of(
                            "getInstance",
                            "getNumberInstance",
                            "getIntegerInstance",
                            "getPercentInstance",
                            "getCompactNumberInstance")),
            Map.entry("java.text.DateFormat", Set.of("getInstance", "getDateInstance", "getTimeInstance")),
            Map.entry("java.text.Collator", Set.of("getInstance")),
            Map.entry("java.time.format.DateTimeFormatterBuilder", Set.of("toFormatter")),
            Map.entry(
                    "java.time.format.DateTimeFormatter",
                    Set.of("ofPattern", "ofLocalizedDate", "ofLocalizedTime", "ofLocalizedDateTime")));

    private static final Set<String> SAYS_OTHERWISE = Set.of("java.util.Locale", "java.text.DecimalFormatSymbols");

    @Test
    void noCodeAsksForTheLocaleOfTheMachine() {
        rule().check(ArchitectureTest.OURS);
    }

    private static ArchRule rule() {
        return classes()
                .that()
                .resideOutsideOfPackage("io.lethean.lem.internal.ffi..")
                .should(new ArchCondition<JavaClass>("name the locale of what they format") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        type.getAccessesFromSelf().stream()
                                .filter(JavaCodeUnitAccess.class::isInstance)
                                .map(access -> (JavaCodeUnitAccess<?>) access)
                                .filter(LocaleRuleTest::asksForTheDefault)
                                .forEach(
                                        call -> events.add(SimpleConditionEvent.violated(call, call.getDescription())));
                    }
                });
    }

    private static boolean asksForTheDefault(JavaCodeUnitAccess<?> call) {
        String owner = call.getTarget().getOwner().getName();
        return FORMATTING
                        .getOrDefault(owner, Set.of())
                        .contains(call.getTarget().getName())
                && call.getTarget().getRawParameterTypes().stream()
                        .map(JavaClass::getName)
                        .noneMatch(SAYS_OTHERWISE::contains);
    }

    /** What the rule has to notice, a method each. */
    private static final class Careless {

        String format(int number) {
            return String.format("%d", number);
        }

        String formatted(int number) {
            return "%d".formatted(number);
        }

        void printed(PrintStream out, int number) {
            out.printf("%d", number);
        }

        Formatter formatter() {
            return new Formatter();
        }

        String lower(String text) {
            return text.toLowerCase();
        }

        UnaryOperator<String> upperByReference() {
            return String::toUpperCase;
        }

        String decimal(double value) {
            return new DecimalFormat("0.0").format(value);
        }

        NumberFormat percent() {
            return NumberFormat.getPercentInstance();
        }

        String date(LocalDate date) {
            return date.format(DateTimeFormatter.ofPattern("d MMMM"));
        }

        int scanned(String text) {
            return new Scanner(text).nextInt();
        }

        Locale machine() {
            return Locale.getDefault();
        }
    }

    /** Names the locale in each call. */
    private static final class Careful {

        String format(PrintStream out, int number) {
            out.printf(Locale.ROOT, "%d", number);
            return String.format(Locale.ROOT, "%d", number).toLowerCase(Locale.ROOT)
                    + DateTimeFormatter.ofPattern("d", Locale.ROOT).format(LocalDate.MIN);
        }
    }

    @Test
    void everyCallWithoutALocale_isNoticed() {
        List<String> failures = rule().evaluate(new ClassFileImporter().importClasses(Careless.class))
                .getFailureReport()
                .getDetails();

        assertThat(failures).hasSize(Careless.class.getDeclaredMethods().length);
        for (var method : Careless.class.getDeclaredMethods()) {
            assertThat(failures).anyMatch(failure -> failure.contains("." + method.getName() + "("));
        }
    }

    @Test
    void callsWithALocale_areNotNoticed() {
        rule().check(new ClassFileImporter().importClasses(Careful.class));
    }
}
