package io.lethean.lem.internal.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Times in the formats of C's strftime, in the C locale. */
final class Strftime {

    private final ZonedDateTime time;
    private final StringBuilder out = new StringBuilder();

    private Strftime(ZonedDateTime time) {
        this.time = time;
    }

    static Value.Text format(Meter meter, String format, ZonedDateTime time) {
        // The longest directive makes two dozen characters of two.
        meter.text(16L * format.length());
        Strftime writer = new Strftime(time);
        writer.write(format);
        return new Value.Text(writer.out.toString());
    }

    private void write(String format) {
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char next = format.charAt(++i);
            if ((next == '-' || next == '_') && i + 1 < format.length()) {
                unpadded(next, format.charAt(++i));
            } else {
                directive(next);
            }
        }
    }

    /** GNU's flags: a minus drops the padding, an underscore pads with spaces. */
    private void unpadded(char flag, char directive) {
        int start = out.length();
        directive(directive);
        while (start < out.length() - 1 && (out.charAt(start) == '0' || out.charAt(start) == ' ')) {
            if (flag == '-') {
                out.deleteCharAt(start);
            } else {
                out.setCharAt(start++, ' ');
            }
        }
    }

    /** Abbreviations of other directives, and characters. */
    private void directive(char directive) {
        switch (directive) {
            case 'c' -> write("%a %b %e %H:%M:%S %Y");
            case 'D', 'x' -> write("%m/%d/%y");
            case 'F' -> write("%Y-%m-%d");
            case 'n' -> out.append('\n');
            case 'r' -> write("%I:%M:%S %p");
            case 'R' -> write("%H:%M");
            case 't' -> out.append('\t');
            case 'T', 'X' -> write("%H:%M:%S");
            case '%' -> out.append('%');
            default -> words(directive);
        }
    }

    /** Names of days, months, half days and zones. */
    private void words(char directive) {
        switch (directive) {
            case 'a' -> out.append(time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ROOT));
            case 'A' -> out.append(time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'b', 'h' -> out.append(time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ROOT));
            case 'B' -> out.append(time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'p' -> out.append(time.getHour() < 12 ? "AM" : "PM");
            case 'P' -> out.append(time.getHour() < 12 ? "am" : "pm");
            case 'z' ->
                out.append(time.truncatedTo(ChronoUnit.SECONDS).format(DateTimeFormatter.ofPattern("xx", Locale.ROOT)));
            case 'Z' -> out.append(zone());
            default -> clock(directive);
        }
    }

    /** Parts of the time of day. */
    private void clock(char directive) {
        switch (directive) {
            case 'f' -> padded(time.getNano() / 1000, 6);
            case 'H' -> padded(time.getHour(), 2);
            case 'I' -> padded(hourOfHalfDay(), 2);
            case 'k' -> out.append(String.format(Locale.ROOT, "%2d", time.getHour()));
            case 'l' -> out.append(String.format(Locale.ROOT, "%2d", hourOfHalfDay()));
            case 'M' -> padded(time.getMinute(), 2);
            case 's' -> out.append(time.toEpochSecond());
            case 'S' -> padded(time.getSecond(), 2);
            default -> date(directive);
        }
    }

    /** Parts of the date. */
    private void date(char directive) {
        switch (directive) {
            case 'C' -> padded(time.getYear() / 100, 2);
            case 'd' -> padded(time.getDayOfMonth(), 2);
            case 'e' -> out.append(String.format(Locale.ROOT, "%2d", time.getDayOfMonth()));
            case 'g' -> padded(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2);
            case 'G' -> out.append(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'j' -> padded(time.getDayOfYear(), 3);
            case 'm' -> padded(time.getMonthValue(), 2);
            case 'u' -> out.append(time.getDayOfWeek().getValue());
            case 'U' -> padded((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7, 2);
            case 'V' -> padded(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
            case 'w' -> out.append(time.getDayOfWeek().getValue() % 7);
            case 'W' -> padded((time.getDayOfYear() + 6 - (time.getDayOfWeek().getValue() + 6) % 7) / 7, 2);
            case 'y' -> padded(time.getYear() % 100, 2);
            case 'Y' -> out.append(time.getYear());
            default -> out.append('%').append(directive);
        }
    }

    private String zone() {
        String name = time.format(DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH));
        return name.equals("Z") ? "UTC" : name;
    }

    private int hourOfHalfDay() {
        return (time.getHour() + 11) % 12 + 1;
    }

    private void padded(int number, int width) {
        String digits = Integer.toString(number);
        out.repeat("0", Math.max(0, width - digits.length())).append(digits);
    }
}
